"""Frames to tables and sentences as the reader sees them, by page. No Streamlit and no queries."""
