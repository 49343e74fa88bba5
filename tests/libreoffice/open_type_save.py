"""Runs in LibreOffice's Python: connects to a listening office and does errands: open a workbook, type texts into cells, save.

Argument: name of the pipe. Standard input: JSON list of {workbook, target (file addresses), filter, password, typed: list
of [sheet, cell, text]}.
"""

import json
import sys
import threading

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

ATTEMPTS, PAUSE_SECONDS = 240, 0.25


def main(pipe):
    errands = json.load(sys.stdin)
    services = connect(pipe)
    desktop = services.createInstance("com.sun.star.frame.Desktop")
    dispatcher = services.createInstance("com.sun.star.frame.DispatchHelper")
    for errand in errands:
        do(errand, desktop, dispatcher)


def do(errand, desktop, dispatcher):
    # Not hidden: without a window LibreOffice saves no frozen panes.
    document = desktop.loadComponentFromURL(errand["workbook"], "_blank", 0, ())
    if document is None:
        sys.exit(f"LibreOffice cannot open {errand['workbook']}")
    window = document.CurrentController
    for sheet, cell, text in errand["typed"]:
        place = document.Sheets.getByName(sheet).getCellRangeByName(cell)
        window.setActiveSheet(place.Spreadsheet)
        window.select(place)
        # What the keyboard does. XCell.setFormula would write into locked cells too.
        dispatcher.executeDispatch(window.Frame, ".uno:EnterString", "", 0, (option("StringName", text),))
    saving = [option("FilterName", errand["filter"])]
    if errand["password"]:
        saving.append(option("Password", errand["password"]))
    document.storeToURL(errand["target"], tuple(saving))
    document.close(True)


def option(name, value):
    entry = PropertyValue()
    entry.Name, entry.Value = name, value
    return entry


def connect(pipe):
    """The office's service manager, as soon as it listens. Gives up after ATTEMPTS."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    pause = threading.Event()
    for _ in range(ATTEMPTS):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ServiceManager")
        except NoConnectException:
            pause.wait(PAUSE_SECONDS)
    return sys.exit(
        f"LibreOffice did not listen on pipe {pipe} within {ATTEMPTS * PAUSE_SECONDS:.0f} seconds"
    )


if __name__ == "__main__":
    main(sys.argv[1])
