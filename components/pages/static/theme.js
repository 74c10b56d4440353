// Gradio's own way to ask for a theme; what these pages were asked for goes with every link.
const theme = new URLSearchParams(location.search).get('__theme');
if (theme === 'dark' || theme === 'light') {
  document.documentElement.dataset.theme = theme;
  for (const link of document.querySelectorAll('a[href^="./"]')) {
    const [path, rest] = link.getAttribute('href').split('?'), query = new URLSearchParams(rest);
    query.set('__theme', theme);
    link.setAttribute('href', `${path}?${query}`);
  }
}
