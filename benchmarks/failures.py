"""What a campaign found: each kind of failure once, with how often it was met and how to meet it again."""

from dataclasses import dataclass, field


@dataclass
class Failures:
    """Failures by part and kind."""

    found: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, part: str, what: str, how: str) -> None:
        """Note a failure: `how` is what repeats it."""
        if (part, what) not in self.found:
            print(f"  failure in {part}: {what}\n    {how}", flush=True)
        self.found.setdefault((part, what), []).append(how)

    def count(self, part: str) -> int:
        return sum(len(hows) for (of, _), hows in self.found.items() if of == part)

    def table(self) -> list[str]:
        """A line for each kind."""
        return [f"| {part} | {len(hows)} | {what} | `{hows[0]}` |" for (part, what), hows in self.found.items()]
