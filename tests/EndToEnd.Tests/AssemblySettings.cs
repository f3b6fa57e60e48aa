// Each test runs a whole service, and most of the time waits for it: two at once fill two cores.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 2)]
