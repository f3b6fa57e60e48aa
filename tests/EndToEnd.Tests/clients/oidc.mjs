// A provider of OpenID Connect that none of us wrote (panva's oidc-provider). Arguments: port, client id, client secret, where answers go. Whoever logs in as NAME:ROLE,ROLE:DISTRICT is NAME with these.
import { Provider } from 'oidc-provider';

const [port, id, secret, answer] = process.argv.slice(2);
const claimsOf = login => {
  const [name, roles, districts] = login.split(':');
  return { sub: `sub-${name}`, preferred_username: name, roles: (roles ?? '').split(',').filter(Boolean), ...(districts && { districts: districts.split(',') }) };
};
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: id, client_secret: secret, redirect_uris: [answer], grant_types: ['authorization_code'], response_types: ['code'] }],
  claims: { openid: ['sub'], profile: ['preferred_username', 'roles', 'districts'] },
  pkce: { required: () => true },
  cookies: { keys: ['test'] },
  findAccount: (_, login) => ({ accountId: login, claims: () => claimsOf(login) }),
});
provider.listen(Number(port), 'localhost', () => console.log('ready'));
