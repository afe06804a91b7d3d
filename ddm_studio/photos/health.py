"""The health check: whether two sets of photos can teach a lens, found out before minutes are spent on learning it.

It looks only at the tiles that are cut anyway and at what the files' headers say. It never changes or drops a photo: it
says what it found, how much that matters, and what the person had better do. Only what cannot work is refused.
Photos of another frame or colour space than most are left out earlier, with the reason (`photos.library`).
"""

from __future__ import annotations

from collections.abc import Iterable

from ddm_studio.control import RunControl
from ddm_studio.errors import InputError
from ddm_studio.events import HealthFound, Report, Severity
from ddm_studio.photos.exif_findings import exif_findings
from ddm_studio.photos.jpeg_findings import jpeg_findings
from ddm_studio.photos.pair_findings import pair_findings
from ddm_studio.photos.photo_findings import photo_findings
from ddm_studio.photos.photo_measures import SampledSet, measure_set, tiles_to_measure
from ddm_studio.photos.set_findings import damaged_photos, few_photos, repeated_photos, set_findings, summary_of_set, unread_photos
from ddm_studio.stage import StageReporter

STAGE = "checking the photos"
_ORDER = (Severity.REFUSAL, Severity.WARNING, Severity.NOTE)


def check_sets(
    blurry: SampledSet, sharp: SampledSet, grid: tuple[int, int], one_lens: bool, report: Report, control: RunControl
) -> tuple[HealthFound, ...]:
    """Measure both sets, report what each offers, and every finding, the gravest first.

    Args:
        blurry: The blurry set.
        sharp: The sharp set.
        grid: Rows and columns of the grid to be learned.
        one_lens: Both sets come from one folder, where the same photo may serve as both.
        report: Audience.
        control: Asked between tiles.

    Raises:
        Cancelled: The person asked to stop.
    """
    counts = [len(tiles_to_measure(sampled.pool)) for sampled in (blurry, sharp)]
    stage = StageReporter(STAGE, sum(counts), report, control)
    of_blurry = measure_set(blurry, stage.checkpoint)
    of_sharp = measure_set(sharp, lambda done: stage.checkpoint(counts[0] + done))
    for measures in (of_blurry, of_sharp):
        report(summary_of_set(measures, grid))
    found = [
        *set_findings(of_blurry, grid),
        *set_findings(of_sharp, grid),
        *pair_findings(of_blurry, of_sharp, one_lens),
        *exif_findings(blurry.photos),
    ]
    found += [*few_photos(blurry), *jpeg_findings(blurry)]
    if sharp.photos != blurry.photos:
        found += [*few_photos(sharp), *jpeg_findings(sharp)]
    for measures in (of_blurry, of_sharp):
        found += [*damaged_photos(measures.sampled), *photo_findings(measures)]
        found += [*repeated_photos(measures), *unread_photos(measures.sampled)]
    ordered = tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity)))
    for finding in ordered:
        report(finding)
    stage.finish()
    return ordered


def refuse_hopeless(findings: Iterable[HealthFound]) -> None:
    """Stop here if the sets cannot teach a lens.

    Raises:
        InputError: With the reason.
    """
    for finding in findings:
        if finding.severity is Severity.REFUSAL:
            raise InputError(finding.what, finding.why, finding.advice)
