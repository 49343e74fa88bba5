"""The returned workbook: the sender's own file with coloured cells, a comment in each, and a list of all findings in front.

The file is edited by its bytes: what is not ours to change keeps its bytes. Which findings there are is decided elsewhere.
"""
