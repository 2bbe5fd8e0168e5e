"""All the work; knows neither windows nor command line.

settings.py    what a user can choose
combinations.py   which choices do not go together
states.py      what has been reached, on disk
events.py      what can happen while a job runs
questions.py   short jobs beside the stages, and their answers
errors.py      what can go wrong
wire.py        all of these as JSON lines
stages.py      the five stages and the questions, the public face
workspace/     what lies on disk: atomic writes, runs, row edits, where checkpoints lie
thread.py      the QThread that feeds the worker process; the only Qt file
worker.py      the process torch lives in
silence.py     how long that process has said nothing
awake.py       the computer does not fall asleep meanwhile
devices.py     where to compute
device_errors.py when it answers no more
device_load.py how busy that device is
tasks/         one file per task behind one protocol; its words, script and columns beside it
loading/ reading/ preparing/ training/ evaluating/ exporting/   the rooms of the stages
"""
