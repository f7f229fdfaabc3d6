"""nbval's companion: after a cell tagged `lab` it moves each control, in the notebook's own kernel.

A lab's picture on the page is a stored one, so nothing else would notice that its sliders fail.
"""

import pytest

DRIVE = """
def drive_labs():
    from IPython import get_ipython
    from ipywidgets import interactive

    shell, published = get_ipython(), []

    def publish(data, *args, **options):
        published.append(data)
        return send(data, *args, **options)

    def raised(*args, **options):
        raise  # what the callback raised, which ipywidgets would only show

    def another(control):
        if hasattr(control, "options"):
            return next(value for _, value in control._options_full if value != control.value)
        if isinstance(control.value, bool):
            return not control.value
        exponent = getattr(control, "base", None)  # of a logarithmic slider
        ends = (control.min, control.max)
        low, high = ends if exponent is None else (exponent**end for end in ends)
        return high if control.value == low else low  # which is the one that costs less, mostly

    named = [getattr(value, "widget", None) for value in list(shell.user_ns.values())]
    labs = {id(widget): widget for widget in named if isinstance(widget, interactive)}
    assert labs, "a cell tagged lab must call interact(function, ...)"
    shell.showtraceback, shown = raised, shell.showtraceback
    shell.display_pub.publish, send = publish, shell.display_pub.publish
    try:
        for lab in labs.values():
            assert lab.kwargs_widgets, "a lab must have something to move"
            # numbers of steps and images first: what is fewer then stays so
            for control in sorted(lab.kwargs_widgets, key=lambda one: type(one.value) is not int):
                published.clear()
                control.value = another(control)
                drawn = any("image/png" in data for data in published)
                assert drawn, f"moving {control.description!r} drew no picture"
    finally:
        shell.showtraceback, shell.display_pub.publish = shown, send

drive_labs()
del drive_labs
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if "lab" in item.cell.metadata.get("tags", ()):
        reply = item.parent.kernel.kc.execute_interactive(
            DRIVE, store_history=False, timeout=120, output_hook=lambda message: None
        )["content"]
        if reply["status"] != "ok":
            pytest.fail(f"{reply['ename']}: {reply['evalue']}", pytrace=False)
    return result
