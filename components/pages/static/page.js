// The menu of languages opens the same page in another one.
document.getElementById('interface').addEventListener('change', (event) => {
  const query = new URLSearchParams(location.search);
  query.set('lang', event.target.value);
  location.search = query;
});
