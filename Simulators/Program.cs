return await Telemetry.Simulators.Commands.SimulatorsCommand.RunAsync(args);
