"""Take the pictures of the widgets' pages: each widget in JupyterLab, on jobs of the runtime.

Run by ``make screenshots``. Open the pictures before you commit them.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.chromium import chromium  # noqa: E402
from tests.conftest import eventually  # noqa: E402
from tests.lab.harness import NotebookPage, jupyter_lab  # noqa: E402
from tests.lab.notebooks import write_notebook  # noqa: E402

NAME = "widgets.ipynb"
WIDTH, HEIGHT = 1180, 1400
SCENE = """
from qiskit import QuantumCircuit
from qiskit.circuit.library import real_amplitudes
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qjobwidgets import (
    Batch, CountsHistogram, InterimPlot, JobCard, JobsDashboard, JobsTable, RuntimeService, Sampler,
    StatusBadge,
)

service = RuntimeService()

def ghz(n):
    circuit = QuantumCircuit(n)
    circuit.h(0)
    for qubit in range(n - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return circuit

def run(program, inputs, backend, *tags):
    return service.run(program, inputs, {"backend": backend, "job_tags": list(tags)})

hydrogen = SparsePauliOp(
    ["II", "IZ", "ZI", "ZZ", "XX"], [-1.0523732, 0.3979374, -0.3979374, -0.0112801, 0.1809312]
)
vqe = {"ansatz": real_amplitudes(2, reps=1), "operator": hydrogen}
cobyla = vqe | {"optimizer": "COBYLA", "initial_parameters": [0.4] * 4}
device = service.backend("noisy_local")
fitted = generate_preset_pass_manager(1, device, seed_transpiler=7).run(ghz(3))
with Batch("noisy_local", service=service) as batch:
    noisy = Sampler(options={"environment": {"job_tags": ["ghz"]}}).run([fitted], shots=4000)
ideal = run("sampler", {"pubs": [(ghz(3), None, 4000)]}, "aer_local", "ghz")
ideal.update_name("GHZ, no noise")
noisy.update_name("GHZ on the device model")
failed = run("sampler", {"pubs": [ghz(7)]}, "noisy_local", "ghz")
for job in (ideal, noisy, failed):
    job.wait_for_final_state()
curves = {
    "COBYLA": run("vqe", cobyla, "slow_local", "h2"),
    "SLSQP": run("vqe", cobyla | {"optimizer": "SLSQP"}, "aer_local", "h2"),
}
waiting = [run("sample-program", {"iterations": 60}, "slow_local", "queue") for _ in range(2)]
"""
CELLS = {
    "status-badge": "StatusBadge(failed)",
    "counts-histogram": "CountsHistogram(noisy, compare=ideal, labels=['no noise'])",
    "job-card": "JobCard(noisy)",
    "interim-plot": "InterimPlot(curves, exact=-1.857275, unit='Ha')",
    "jobs-table": "JobsTable(service=service)",
    "jobs-dashboard": "dashboard = JobsDashboard(service=service)\n"
    "dashboard.current = curves['COBYLA'].job_id()\ndashboard",
}
"""The cell of each picture; what runs while the pictures are taken comes last."""

READY = {
    "counts-histogram": "[data-outcome]",
    "job-card": "[role=tabpanel] table, [role=tabpanel] [data-outcome]",
    "interim-plot": "[data-points]",
    "jobs-table": "[data-status=QUEUED]",
    "jobs-dashboard": "[role=tab]",
}
"""What a widget has once there is something to see."""


def take(folder: Path, images: Path) -> None:
    """Run the scene, and take a picture of each widget."""
    with jupyter_lab(folder) as lab, chromium() as browser:
        write_notebook(lab.folder / NAME, [SCENE, *CELLS.values()])
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5
        )
        notebook = NotebookPage(page, lab, NAME)
        page.locator('.jp-SideBar [data-id="filebrowser"]').click()
        notebook.wait_for_kernel()
        notebook.run("service = RuntimeService()")
        for name, source in CELLS.items():
            view = notebook.run(source.partition("\n")[0]).locator(".qjw").first
            view.wait_for()
            if name in READY:
                view.locator(READY[name]).first.wait_for()
            if name == "interim-plot":
                eventually(lambda view=view: drawn(view.get_attribute("data-points")) > 60)
            if name == "jobs-dashboard":
                view.get_by_role("tab", name="Convergence").click()
                view.locator("[data-points]").first.wait_for()
            page.mouse.move(0, 0)
            view.screenshot(path=images / f"{name}.png", animations="disabled")
            print(f"docs/images/{name}.png")


def drawn(points: str | None) -> int:
    """Return how many points a plot says it has."""
    return int(points or 0)


def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        take(Path(folder), ROOT / "docs/images")


if __name__ == "__main__":
    main()
