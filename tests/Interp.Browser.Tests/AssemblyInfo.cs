using Xunit;

// One browser at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
