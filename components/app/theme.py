"""Colours, fonts and the style sheet. Fonts are the visitor's own: none is fetched."""

import gradio as gr

CSS = """
/* "hidden" would make the page a scroll container of its own, and nothing in it could stick to the window. */
.gradio-container { overflow: clip !important; }
.mw-head { align-items: center; }
.mw-head h1 { margin: 0; font-size: 1.35em; }
.mw-head p { margin: 2px 0 0; }
#banner { border-inline-start: 4px solid #3b82c4; padding: 4px 12px; }
/* The form scrolls by itself above the button that starts it, which so is in view and covers nothing. */
.mw-left { max-width: 400px; position: sticky; top: 8px; max-height: calc(100vh - 16px); flex-wrap: nowrap !important; gap: 0; }
.mw-form { overflow-y: auto; min-height: 0; flex: 0 1 auto !important; flex-wrap: nowrap !important; gap: 10px; }
.mw-form > * { flex-shrink: 0; }
.mw-run { flex: none !important; padding: 8px 0 0; gap: 4px; border-top: 1px solid rgba(128,128,128,0.35); }
.mw-told { gap: 2px; }
.mw-status.idle, .mw-run:has(.mw-progress) #cost { display: none; }
.mw-groups > .tabitem { padding: 0 !important; }
.mw-shown { align-items: center; }
#drawer, #enough:disabled, #cancel:disabled { display: none; }
.mw-left input { text-overflow: ellipsis; }
input[role="combobox"] { padding-right: 28px; text-overflow: ellipsis; }
.mw-status { padding: 2px; min-height: 24px; }
@media (max-width: 700px) {
  .mw-left { max-width: none; position: static; max-height: none; min-width: 0 !important; }
  .mw-form { display: none; }
  .mw-left.mw-open .mw-form { display: flex; position: fixed; inset: 0 0 64px; z-index: 60; padding: 12px 14px; background: var(--body-background-fill); }
  .mw-run { position: fixed; inset-inline: 0; bottom: 0; z-index: 70; height: 64px; padding: 6px 12px; flex-direction: row; align-items: center; gap: 10px;
    background: var(--body-background-fill); overflow: hidden; }
  .mw-run-buttons { flex: none !important; width: auto; gap: 8px; flex-wrap: nowrap; }
  .mw-run-buttons button { min-width: 0 !important; min-height: 44px; padding: 0 14px; flex: none; }
  .mw-told { flex: 1 1 0 !important; min-width: 0 !important; max-height: 52px; overflow: hidden; font-size: 12px; }
  .mw-told #cost { overflow: hidden !important; }
  .mw-told .prose, .mw-told .mw-status, .mw-told .mw-progress { font-size: 12px; line-height: 1.25; }
  .mw-track { height: 4px; margin: 2px 0; }
  .mw-run:has(.bad, .good, .info) #cost, .mw-run:not(:has(.mw-progress, .bad, .good, .info)) #status { display: none; }
  .mw-run #prune:disabled { display: none; }
  #drawer { display: inline-flex; }
  .mw-bench { padding-bottom: 72px; gap: 0; }
  .mw-head p { display: none; }
  .mw-head { flex-wrap: nowrap; }
  .mw-head > .column { min-width: 0 !important; }
  .mw-head > .column:last-child { flex: 0 0 120px !important; }
  .mw-shown { flex-direction: column; gap: 8px; }
  .mw-groups > .tab-wrapper .tab-container, .mw-sections > .tab-wrapper .tab-container { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; }
  .mw-groups > .tab-wrapper button, .mw-sections > .tab-wrapper button { padding: 0 10px; flex: none; }
  #banner { font-size: 13px; }
  .modebar-container { display: none; }
}
.mw-status.bad { color: #c2410c; font-weight: 600; }
.mw-status.good { color: #0f7a5c; font-weight: 600; }
.dark .mw-status.bad { color: #fdba74; }
.dark .mw-status.good { color: #6ee7b7; }
#problem { border-inline-start: 4px solid #c2410c; padding: 4px 12px; }
#cost { font-size: 0.9em; padding: 0 2px; }
.mw-line { display: flex; justify-content: space-between; gap: 8px; font-weight: 600; }
.mw-stage { overflow-wrap: anywhere; }
.mw-percent { white-space: nowrap; }
.mw-track { height: 8px; border-radius: 4px; background: rgba(128,128,128,0.25); overflow: hidden; margin: 4px 0; }
.mw-fill { height: 100%; background: #3b82c4; transition: width 0.3s; }
.mw-times { font-size: 0.85em; opacity: 0.8; }
.mw-cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 4px 0; }
.mw-card { border: 1px solid rgba(128,128,128,0.35); border-radius: 8px; padding: 8px 12px; }
.mw-card .value { font-size: 1.5em; font-weight: 700; }
.mw-card .label, .mw-card .more { font-size: 0.85em; opacity: 0.85; }
.mw-unseen { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
input.mw-runs-filter { font-size: 13px; width: 100%; max-width: 420px; padding: 6px 10px; margin-bottom: 6px; border: 1px solid rgba(128,128,128,0.5); border-radius: 6px; background: transparent; color: inherit; }
.mw-runs-scroll { overflow: auto; max-height: 340px; border: 1px solid rgba(128,128,128,0.35); border-radius: 8px; }
.mw-runs table { border-collapse: collapse; width: 100%; font-size: 13px; margin: 0; }
.mw-runs th { position: sticky; top: 0; background: var(--background-fill-secondary); text-align: start; z-index: 1; }
.mw-runs th, .mw-runs td { padding: 4px 8px; border: 0; border-bottom: 1px solid rgba(128,128,128,0.2); white-space: nowrap; }
.mw-runs button { all: unset; cursor: pointer; font-size: 13px !important; }
.mw-runs th button { font-weight: 600; }
.mw-runs th[aria-sort="ascending"] button::after { content: " ▲"; } .mw-runs th[aria-sort="descending"] button::after { content: " ▼"; }
.mw-runs td input:not([type="checkbox"]) { width: 110px; padding: 2px 4px; border: 1px solid transparent; background: transparent; color: inherit; border-radius: 4px; }
.mw-runs td input:not([type="checkbox"]):is(:hover, :focus) { border-color: rgba(128,128,128,0.6); }
.mw-runs input[type="checkbox"] { width: 18px; height: 18px; }
.mw-dot { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-inline-end: 6px; border: 1px solid rgba(128,128,128,0.5); }
.mw-open-run { text-decoration: underline; text-underline-offset: 3px; }
.mw-here { background: rgba(59,130,196,0.14); }
.mw-alike { opacity: 0.7; }
.mw-absent { border-inline-start: 4px solid rgba(128,128,128,0.5); padding: 4px 12px; }
.mw-absent .mw-absent { border: 0; padding: 0; }
.mw-texts { display: grid; gap: 12px; }
.mw-text { border: 1px solid rgba(128,128,128,0.35); border-radius: 8px; padding: 8px 12px; }
.mw-text p { margin: 2px 0 4px; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: start; }
.mw-text .label { font-size: 0.85em; font-weight: 600; opacity: 0.85; }
.mw-text .more { font-size: 0.85em; opacity: 0.8; }
.mw-pair { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; margin: 6px 0 2px; }
@media (max-width: 700px) { .mw-pair { grid-template-columns: 1fr; gap: 8px; } }
.mw-side { border-inline-start: 4px solid #9ca3af; padding: 0 10px; }
.mw-side.pruned { border-inline-start-color: #d9730d; }
.mw-log textarea { font-family: ui-monospace, monospace; font-size: 12px; }
.mw-formulas .katex-display { overflow-x: auto; overflow-y: hidden; margin: 0.4em 0; }
.mw-table { --font-mono: system-ui, sans-serif; }
.mw-table table { font-size: 13px; }
.mw-table td, .mw-table th, .mw-table .cell-wrap { padding: 2px 4px !important; }
.dark .js-plotly-plot g[class*="tick"] text, .dark .js-plotly-plot g[class^="g-"] text,
.dark .js-plotly-plot g.textpoint text, .dark .js-plotly-plot .legendtext, .dark .js-plotly-plot .cbaxis text,
.dark .js-plotly-plot .colorbar text, .dark .js-plotly-plot .textpoint text, .dark .js-plotly-plot .annotation-text { fill: #d1d5db !important; }
button:focus-visible, [role="tab"]:focus-visible, a:focus-visible, summary:focus-visible, input[type="range"]:focus-visible,
input[type="radio"]:focus-visible, input[type="checkbox"]:focus-visible { outline: 2px solid #3b82c4 !important; outline-offset: 2px; }
[role="tab"]:focus-visible { outline-offset: -3px !important; }
body:not(.dark) button.selected[role="tab"] { color: #2563eb !important; }
/* The code viewer's pastel colours are made for a dark ground. */
body:not(.dark) .cm-line span { color: #1f4e79 !important; }
"""

KEYS = """() => {
  const drawer = (open) => document.querySelector('.mw-left')?.classList.toggle('mw-open', open);
  document.addEventListener('keydown', (event) => {
    const tab = event.target.closest?.('[role="tab"]');
    const all = [...(tab?.closest('[role="tablist"]')?.querySelectorAll('[role="tab"]') ?? [])].filter((one) => one.offsetParent);
    const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const back = forward === 'ArrowRight' ? 'ArrowLeft' : 'ArrowRight';
    const here = all.indexOf(tab);
    const next = { [forward]: here + 1, [back]: here - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (here < 0 || next === undefined) return;
    event.preventDefault();
    all[next % all.length].focus();
    all[next % all.length].click();
  });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') drawer(false); });
  document.addEventListener('click', (event) => {
    if (event.target.closest?.('#drawer')) drawer();
    if (event.target.closest?.('#prune')) drawer(false);
    if (event.target.closest?.('[role="tab"], .overflow-dropdown button')) setTimeout(() => window.dispatchEvent(new Event('resize')), 100);
  });
}"""
"""Arrow keys, Home and End move between tabs, as they do everywhere else; Gradio's tabs know the Tab key alone. A figure that was drawn while
its tab was closed could not know its width: it is told to look again when a tab is opened."""


def theme() -> gr.themes.Base:
    """Gradio's plain theme in blue with system fonts."""
    found = gr.themes.Default(primary_hue="blue", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    # Gradio's own greys and its button's blue are too pale to be read by everyone (a contrast of 4.5 to 1 is needed).
    return found.set(
        body_text_color_subdued="*neutral_600", block_info_text_color="*neutral_600", input_placeholder_color="*neutral_600",
        body_text_color_subdued_dark="*neutral_300", block_info_text_color_dark="*neutral_300", input_placeholder_color_dark="*neutral_300",
        button_primary_background_fill="*primary_600", button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600", button_primary_background_fill_hover_dark="*primary_700",
    )  # fmt: skip
