"""The audiences as they last were right: one wrong file keeps no other audience from being seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tigc_mail.errors import Fault
from tigc_mail.people.audience import Audience, each_audience, load_audiences


@dataclass
class LastGood:
    """Reads the audiences for somebody who only looks; what is sent is never made from these."""

    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    """What is wrong with the files, by the name of each."""
    _good: dict[str, Audience] = field(default_factory=dict)

    def read(self, folder: Path) -> dict[str, Audience]:
        """Return the audiences in a folder by id: each as it is now, or as it last was right.

        Raises:
            DocumentError: if there is none that is right, or ever was.
        """
        found = dict(each_audience(folder))
        self.faults = {name: each for name, each in found.items() if not isinstance(each, Audience)}
        known = {name: each for name, each in self._good.items() if name in found}
        right = {name: each for name, each in found.items() if isinstance(each, Audience)}
        self._good = {name: (known | right)[name] for name in found if name in known | right}
        if not self._good:
            return load_audiences(folder)
        return dict(self._good)

    @property
    def unknown(self) -> tuple[Fault, ...]:
        """What is wrong with the files of audiences that never were right."""
        return tuple(
            fault for name, each in self.faults.items() if name not in self._good for fault in each
        )

    @property
    def all(self) -> tuple[Fault, ...]:
        """What is wrong with all the files."""
        return tuple(fault for each in self.faults.values() for fault in each)
