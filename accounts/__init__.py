"""People, legal entities, departments, roles, absences, tokens; the event rows and their relay.

May import: lib.
"""
