// Users, rights and mounts are Linux's.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
