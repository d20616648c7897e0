"""Makes a series for health_test.c of a run's journal: what health looks at, in four digits.

usage: record.py RUN-DIRECTORY STATE >series/NAME.jsonl
"""

import json
import sys

SIGNALS = ("d_loss", "g_loss", "d_real", "d_fake", "logit_real", "logit_fake", "d_auc", "diversity",
           "shift", "d_grad", "g_grad")
MEASURES = ("frechet", "memorised", "variety")
RECIPE = ("objective", "penalty", "penalty_weight", "rate", "d_rate", "beta1", "d_steps")


def short(values, names):
    return {name: float(f"{float(values[name]):.4g}") for name in names if name in values}


def recipe(path):
    settings, section = [], ""
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif section == "training" and line.split(" ")[0] in RECIPE:
            settings.append("training." + line.replace(" = ", "="))
    return settings


def main():
    directory, state = sys.argv[1:]
    head = {"state": state, "settings": recipe(directory + "/recipe.ini")}
    print(json.dumps(head))
    for line in open(directory + "/events.jsonl", encoding="utf-8"):
        event = json.loads(line)
        if "classes" in event and "metrics" in event:
            print(json.dumps({"step": event["step"], "metrics": short(event["metrics"], MEASURES),
                              "real": short(event["real"], MEASURES),
                              "classes": event["classes"], "samples": event["samples"]},
                             separators=(",", ":")))
        elif "d_loss" in event.get("metrics", {}):
            print(json.dumps({"step": event["step"], "metrics": short(event["metrics"], SIGNALS)},
                             separators=(",", ":")))


main()
