// Node-RED without its editor, as it runs on a gateway. Logging at warnings, as in production.
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: UI_PORT,
  httpAdminRoot: false,
  httpNodeRoot: false,
  credentialSecret: false,
  logging: { console: { level: "warn", metrics: false, audit: false } },
  editorTheme: { projects: { enabled: false } },
  diagnostics: { enabled: false },
  telemetry: { enabled: false },
};
