using Xunit;

// Live tensors and bytes are counted for the process: tests run one after another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
