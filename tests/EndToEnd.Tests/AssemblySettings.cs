using Telemetry.EndToEnd.Tests;

// Each test runs a whole service, and for half of the time waits for it: three at once fill two cores. Those with a browser are one collection, since two that draw at
// the same time beside others stand still for a minute now and then. It takes the longest, and so begins first.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 3)]
[assembly: TestCollectionOrderer<LongestFirst>]
