"""The page: Gradio and Plotly live here and nowhere else. One file draws one panel and returns its widgets by name."""

import os

# Read by gradio and huggingface_hub when they are first imported: nothing about a visitor leaves the machine.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
