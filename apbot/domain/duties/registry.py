"""Every duty. A new one is one module, and one line here."""

from collections.abc import Mapping

from apbot.domain.duties import (
    beginning,
    contact,
    emergency_review,
    ending,
    provider_papers,
    report,
    review,
    review_told,
    start_gate,
    target_end,
    visit,
)
from apbot.domain.duties.model import DutyKind

KINDS: Mapping[str, DutyKind] = {
    kind.name: kind
    for kind in (
        start_gate.KIND,
        emergency_review.KIND,
        contact.KIND,
        visit.KIND,
        review.KIND,
        review_told.KIND,
        report.KIND,
        target_end.KIND,
        beginning.ASSESSMENT_KIND,
        beginning.INDUCTION_KIND,
        ending.KIND,
        provider_papers.DOCUMENT_KIND,
        provider_papers.QUALITY_VISIT_KIND,
        provider_papers.PERFORMANCE_KIND,
    )
}
"""By name, in the order in which a list shows them."""
