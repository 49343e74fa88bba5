"""What computes rows: functions from a published run to Polars frames.

No Streamlit, no Plotly, no text for the eye.
"""
