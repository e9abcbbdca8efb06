using Xunit;

// Packing writes below src/*/obj: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
