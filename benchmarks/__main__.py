"""Run the benchmarks named, or all."""

import argparse
from importlib import import_module

NAMES = ("step", "vgg", "convergence", "coarse", "recording", "rendering", "startup", "app")

parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
for name in parser.parse_args().names or NAMES:
    print(f"== {name}", flush=True)
    import_module(f"benchmarks.{name}").main()
