"""One outbreak from the first alarm to the lessons learned, played in the laboratory by the documented words alone: a
file for each part. `./lab/lab journey` plays it for people, tests/journeys/test_whole.py as a test. All of it is inert.
"""
