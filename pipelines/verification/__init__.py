"""Whether a list that someone hands in still follows from the published data: read within bounds, made anew, compared.

A file is hostile until it is read: nothing in it is run, no entity is resolved, and no part is held that was not asked for.
"""
