"""The tabs of the page, each under one name: a file, or a folder. None imports another; `components.app.sections` lists them."""
