"""The demonstration: two simulated half-years from feeds to an outbox, and where to look at what came of them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import typer

from etl.core.period import Period
from etl.edges.programmes import Bundle, load_bundle
from etl.edges.store.editions import documents_of, latest_editions
from etl.settings import settings
from etl.simulated import simulate_period
from etl.stages.context import open_context

FAULTS, LATE, MISSING = "0.03", 4, 2


def run_demo(programme: str, period: str | None, scale: float, run: Callable[[str, str], None]) -> None:
    """Simulate and run the period before and the period itself; the home folder is begun afresh."""
    home = settings().home
    if home.exists():
        shutil.rmtree(home)
    bundle = load_bundle(programme, settings().programmes_dir)
    last = Period.parse(period) if period else demo_period(bundle)
    for when in (last.previous(), last):
        if not bundle.programme.covers(when):
            continue
        typer.echo(f"\n{bundle.programme.title.zh} · {when.zh}")
        summary = simulate_period(
            programme,
            str(when),
            settings().feeds_dir,
            scale=scale,
            faults=FAULTS,
            seed=1,
            late=LATE,
            missing=MISSING,
        )
        typer.echo("simulate  " + ", ".join(f"{key} {value}" for key, value in summary.items()))
        run(programme, str(when))
    _show_where(programme, str(last), home)


def demo_period(bundle: Bundle) -> Period:
    """A half-year in the programme's second year, so that there is one before it."""
    return Period("half_year", bundle.programme.valid.since.year + 1, 1)


def _show_where(programme: str, period: str, home: Path) -> None:
    context = open_context(programme, period)
    reports = home / "reports"
    reports.mkdir(exist_ok=True)
    editions = latest_editions(context.store, programme, period, "dispatch")
    documents = documents_of(context.store, [edition["edition_id"] for edition in editions.values()])
    for node_id, edition in editions.items():
        node = context.register.node(node_id)
        for document in documents[edition["edition_id"]]:
            target = reports / f"{node.code}-{node.name}-{period}.{document['format']}"
            shutil.copyfile(context.landing.at(document["path"]), target)
    typer.echo(f"\n{len(editions)} reports in {reports}/, mail in {settings().outbox_dir}/")
    typer.echo(f"faults: SANJI_HOME={home} sanji findings --programme {programme} --period {period}")
