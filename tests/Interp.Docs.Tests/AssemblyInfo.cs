using Xunit;

// Pages run in a working folder of their own and print to the process's console: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
