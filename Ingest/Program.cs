using System.CommandLine;
using Telemetry.Ingest.Commands;
using Telemetry.Ingest.Commands.Export;
using Telemetry.Ingest.Hosting;

if (args.Length == 0 || (args[0].StartsWith('-') && args[0] is not ("--help" or "-h" or "-?" or "--version")))
    return await TelemetryService.RunAsync(args);

var root = new RootCommand(ServiceHelp.Text)
{
    CheckRulesCommand.Create(),
    WhoCommand.Create(),
    VerifyLogCommand.Create(),
    JournalCommand.Create(),
    AuditCommand.Create(),
    DecodeCommand.Create(),
    RedecodeCommand.Create(),
    CredentialCommand.Create(),
    HealthCommand.Create(),
    ExportCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    ClusterCommand.Create(),
    BacktestCommand.Create(),
    DashboardsCommand.Create(),
    StoreCommand.Create(),
    WatchdogCommand.Create(),
};
return await CommandLine.RunAsync(root, args, new InvocationConfiguration());
