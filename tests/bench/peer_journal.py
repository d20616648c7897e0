"""What Python takes to read a journal into columns: peer_journal.py FILE

Prints seconds. This is what a script does that looks at a run without a catalogue, each time anew.
"""
import json
import sys
import time

begin = time.perf_counter()
columns = {}
with open(sys.argv[1], "rb") as file:
    for text in file:
        line = json.loads(text)
        for name, value in line["metrics"].items():
            columns.setdefault(name, []).append((line["step"], line["t"], value))
assert sum(map(len, columns.values())) > 0
print(time.perf_counter() - begin)
