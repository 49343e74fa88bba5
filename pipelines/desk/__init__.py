"""What a unit does at the desk, on the page as on the command line: fetch its form, have a file looked at, hand it in.

The pages ask here and nowhere else in the pipeline. What takes a sender's bytes apart, or needs the engine of the rules, is done in a
process of its own (process.py): nothing of it, nor of its memory, stays with the server of the pages.
"""
