using Xunit;

// Native tensors are counted process-wide and libtorch has its own threads: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
