// Shows what is pushed, while no page is open too. It keeps nothing and answers no request.

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));

self.addEventListener('push', event => {
  const said = event.data?.json() ?? {};
  event.waitUntil(self.registration.showNotification(said.title ?? 'Telemetry', {
    body: said.body,
    // What was said of the same alarm before makes room.
    tag: said.tag,
    renotify: Boolean(said.tag) && !said.quiet,
    silent: said.quiet || undefined,
    requireInteraction: said.urgent,
    icon: '/favicon.svg',
    data: { url: said.url ?? '/' },
  }));
});

self.addEventListener('notificationclick', event => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.url));
});
