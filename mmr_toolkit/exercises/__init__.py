"""Self-checks for the exercises of the lessons: one module per notebook, named as the notebook.

    from mmr_toolkit.exercises.start_here import check_fused_score

    check_fused_score(my_score)  # Right: ...   or   Not yet: ... and what may have slipped

Each check takes the function that you wrote, calls it with examples and compares.
"""
