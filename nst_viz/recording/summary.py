"""From a run to a page of text: what it is, how far it came, and what each layer adds to the loss."""

from nst_viz.recording.run import Run


def summary(run: Run) -> str:
    """A few lines for a terminal. Raises NstVizError where the folder is damaged."""
    config, manifest, losses = run.config, run.manifest, run.losses()
    pictures = ", ".join(f"{kind} {about['name']}" for kind, about in manifest["inputs"].items())
    reason = f" ({manifest['reason']})" if manifest["reason"] else ""
    lines = [
        f"{run.folder}: {config.mode}, {pictures}",
        f"  status    {run.status}{reason}",
        f"  step      {losses.steps[-1] if len(losses.steps) else 0} of {config.steps}, {len(run.frame_steps())} pictures kept",
        f"  time      {manifest['seconds']:.1f} s, started {manifest['started']}",
        f"  network   {config.network}, {config.optimizer}, {config.size} px, seed {config.seed}"
        + (f", {manifest['threads']} threads" if "threads" in manifest else "")
        + f", {config.coarse_steps} steps at {' and '.join(map(str, run.coarse_sizes))} px first" * (config.coarse_steps > 0),
    ]
    if len(losses.steps):
        first, last, total = losses.contribution[0], losses.contribution[-1], losses.total()
        lines += ["", f"  {'term':28s}{'raw':>12s}{'weight':>12s}{'contribution':>14s}{'at step 0':>12s}"]
        for index, term in enumerate(losses.terms):
            lines.append(
                f"  {term:28s}{losses.raw[-1, index]:12.4g}{losses.weight[-1, index]:12.4g}"
                f"{last[index]:14.4g}{first[index]:12.4g}"
            )
        lines.append(f"  {'total':28s}{'':24s}{total[-1]:14.4g}{total[0]:12.4g}")
    return "\n".join(lines)
