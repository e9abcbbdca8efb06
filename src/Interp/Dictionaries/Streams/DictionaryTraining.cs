namespace Interp;

using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A run of one or more trainers over one stream, with checkpoints.</summary>
internal sealed class DictionaryTraining : IDisposable
{
    private readonly IReadOnlyList<DictionaryPlan> plans;
    private readonly ActivationStreamOptions stream;
    private readonly IProgress<DictionaryStep>? progress;
    private readonly List<DictionaryTrainer> trainers = [];
    private readonly Stopwatch watch = new();
    private long rows;

    public DictionaryTraining(HookedTransformer model, IReadOnlyList<DictionaryPlan> plans, ActivationStreamOptions stream, IProgress<DictionaryStep>? progress)
    {
        (this.plans, this.stream, this.progress) = (plans, stream, progress);
        var dtype = model.Dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        try
        {
            foreach (var (config, options, seed) in plans)
            {
                var named = config with { ModelName = config.ModelName ?? model.Config.ModelName, ModelFingerprint = config.ModelFingerprint ?? model.Fingerprint() };
                options.Validated(named.Validated());
                var dictionary = SparseDictionary.Initialise(named, seed ?? stream.Seed, options.Recipe, dtype, model.Device);
                trainers.Add(new DictionaryTrainer(dictionary, options));
            }
            if (stream.Checkpoint is { } path && File.Exists(path))
                DictionaryCheckpoint.Load(trainers, path);
        }
        catch
        {
            DisposeAll();
            throw;
        }
    }

    private int Done => trainers.Max(trainer => trainer.StepsDone);

    private int Wanted => plans.Max(plan => plan.Options.Steps);

    /// <summary>Trains to the end; the dictionaries are the caller's.</summary>
    public IReadOnlyList<SparseDictionary> Run(ActivationStream source, CancellationToken cancellation)
    {
        try
        {
            if (Done < Wanted)
                Learn(source, cancellation);
            return [.. trainers.Select(Finished)];
        }
        catch
        {
            DisposeAll();
            throw;
        }
    }

    /// <summary>Frees the trainers; dictionaries stay.</summary>
    public void Dispose() => trainers.ForEach(trainer => trainer.Dispose());

    private void Learn(ActivationStream source, CancellationToken cancellation)
    {
        watch.Start();
        foreach (var batch in source.Batches(plans[0].Options.BatchRows, Done, cancellation))
            using (batch)
            {
                cancellation.ThrowIfCancellationRequested();
                rows += batch.Rows;
                for (var i = 0; i < trainers.Count; i++)
                    if (trainers[i].StepsDone < plans[i].Options.Steps)
                        Step(i, batch);
                if (stream.Checkpoint is { } path && (Done % stream.CheckpointEvery == 0 || Done == Wanted))
                    Keep(path);
                if (Done == Wanted)
                    return;
            }
        throw new InvalidOperationException(
            $"The prompts ended after {Done} of {Wanted} steps of {plans[0].Options.BatchRows} rows: give more of them, or repeat them.");
    }

    private void Step(int i, ActivationBatch batch)
    {
        using var scope = NewDisposeScope();
        var trainer = trainers[i];
        var config = trainer.Dictionary.Config;
        Tensor Rows(HookName name) => batch[name].to(trainer.Dictionary.Dtype);
        var input = Rows(config.Input!.Value);
        var target = config.Output == config.Input ? input : Rows(config.Output!.Value);
        if (trainer.Options.ScaleInput && trainer.StepsDone == 0)
            trainer.InputScale = Math.Sqrt(config.DIn) / input.norm(-1).mean().ToDouble();
        var done = trainer.Step(input, ReferenceEquals(input, target) ? null : target);
        progress?.Report(done with { Plan = i, RowsPerSecond = rows / watch.Elapsed.TotalSeconds });
    }

    private void Keep(string path)
    {
        try
        {
            DictionaryCheckpoint.Save(trainers, path);
        }
        // Beyond a limit on the size of files .NET throws the last of these.
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            var last = File.Exists(path) ? "The last good one is still there: make room and call again, and training goes on from it" : "There is no earlier one: make room and call again";
            throw new IOException($"The checkpoint after step {Done} could not be written to '{path}': {problem.Message} {last}.", problem);
        }
    }

    // The scale that activations were trained with is taken out again.
    private static SparseDictionary Finished(DictionaryTrainer trainer)
    {
        if (trainer.InputScale == 1)
            return trainer.Dictionary;
        using var scaled = trainer.Dictionary;
        return scaled.FoldInputScale(trainer.InputScale);
    }

    private void DisposeAll()
    {
        foreach (var trainer in trainers)
        {
            trainer.Dispose();
            trainer.Dictionary.Dispose();
        }
    }
}
