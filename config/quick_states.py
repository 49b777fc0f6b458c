"""Migrations without drawing all models again after each constraint: a third of the time for the same tables.

While it migrates, Django keeps the models of the past as classes, and draws every class again that is related to
a changed one. Here everything is related to people and companies, so each of some 550 new models, constraints and
indexes drew them all. A new constraint or index changes one list of one class; a new model is related to others, but
no other to it yet. So only that is done. What is altered or given a foreign key later goes Django's way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ModelState, ProjectState


def _set_option(state: ProjectState, key: tuple[str, str], option: str, found: list[Any]) -> None:
    """Let the model have these constraints or indexes, and its class too, when it is drawn already."""
    state.models[key].options[option] = found
    if "apps" in state.__dict__:
        setattr(state.apps.get_model(*key)._meta, option, list(found))


def _append_option(state: ProjectState, app_label: str, model_name: str, option: str, added: Any) -> None:
    key = app_label, model_name
    _set_option(state, key, option, [*state.models[key].options[option], added])


def _remove_option(state: ProjectState, app_label: str, model_name: str, option: str, name: str) -> None:
    key = app_label, model_name
    _set_option(state, key, option, [kept for kept in state.models[key].options[option] if kept.name != name])


def _add_model(state: ProjectState, model: ModelState) -> None:
    key = model.app_label, model.name_lower
    state.models[key] = model
    if state._relations is not None:  # type: ignore[attr-defined]
        state.resolve_model_relations(key)
    if "apps" in state.__dict__:
        # Classes look for those who refer to them where they were drawn; that is here from now on.
        for known in state.apps.get_models(include_auto_created=True):
            known._meta.apps = state.apps
        state.apps.render_multiple([model])


QUICK = {"_append_option": _append_option, "_remove_option": _remove_option, "add_model": _add_model}


@contextmanager
def quick_states() -> Iterator[None]:
    """While this lasts, states of migrations take the short way."""
    before = {name: getattr(ProjectState, name) for name in QUICK}
    for name, method in QUICK.items():
        setattr(ProjectState, name, method)
    try:
        yield
    finally:
        for name, method in before.items():
            setattr(ProjectState, name, method)
