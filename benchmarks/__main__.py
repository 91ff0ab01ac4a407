"""Run the benchmarks named, or all but the campaign, which takes options of its own."""

import argparse
import sys
from importlib import import_module

NAMES = ("step", "vgg", "convergence", "coarse", "recording", "rendering", "startup", "app")

if sys.argv[1:2] == ["campaign"]:
    import_module("benchmarks.campaign").main(sys.argv[2:])
    sys.exit()
parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=f"{', '.join(NAMES)}, or campaign alone")
for name in parser.parse_args().names or NAMES:
    print(f"== {name}", flush=True)
    import_module(f"benchmarks.{name}").main()
