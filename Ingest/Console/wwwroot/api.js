// Calls of the service. An answer that is not 2xx becomes an Error with the problem's reason and detail.

async function answer(response) {
  if (response.status === 204) return null;
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  const error = new Error(problem.detail ?? `${response.status} ${response.statusText}`);
  error.reason = problem.reason;
  throw error;
}

export const get = (path, query = {}) => {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== ''));
  return fetch(`${path}${search.size ? `?${search}` : ''}`, { cache: 'no-store' }).then(answer);
};

// The content type stands there because no form of another site can send it.
export const remove = path => fetch(path, { method: 'DELETE', headers: { 'Content-Type': 'application/json' } }).then(answer);

export const post = (path, body) =>
  fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).then(answer);
