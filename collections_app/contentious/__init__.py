"""The contentious stage: legal files, what they claim as of a day, their papers, packs and hand-overs."""
