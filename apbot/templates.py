"""Templates, made alike wherever apbot makes pages or letters."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates_of(package: str) -> Environment:
    """Those of a package. All that is put in is escaped, and what was not given is an error and no gap in a page."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
