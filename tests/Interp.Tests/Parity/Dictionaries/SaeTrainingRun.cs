namespace Interp.Tests.Parity.Dictionaries;

using Interp.Tests.Support;
using static TorchSharp.torch;

/// <summary>Trains one case for its twelve steps and compares all that was stored.</summary>
internal sealed class SaeTrainingRun(SaeGolden golden, GoldenCompare compare, double tolerance, ScalarType dtype)
{
    private const double ThresholdTolerance = 1e-6;
    private readonly Dictionary<string, List<double>> series = [];
    private readonly string library = dtype == ScalarType.Float32 ? "f32/" : "";
    private DictionaryTrainer trainer = null!;

    public SparseDictionary Run()
    {
        using var scope = NewDisposeScope();
        var config = SaeCase.Config(golden);
        var dictionary = SparseDictionary.Create(config, golden.Weights("init", config.Activation, dtype));
        using var training = trainer = new DictionaryTrainer(dictionary, SaeCase.Options(golden, config)) { Observer = Observe };
        SaeCase.SetSilent(golden, trainer.Silent);
        var batches = SaeGolden.Problem("batches", dtype);
        for (var step = 1; step <= 12; step++)
        {
            AddWeights($"step{step}/params_before");
            Record(trainer.Step(batches[step - 1]));
            AddWeights($"step{step}/params_after");
            AddState($"step{step}");
        }
        AddWeights("final");
        foreach (var (name, values) in series)
            if (golden.Has($"{library}series/{name}"))
                compare.Add($"series/{name}", values.ToArray(), golden.Values($"{library}series/{name}"), name.Contains("threshold") ? Threshold : tolerance);
        return dictionary;
    }

    private double Threshold => golden.IsSaeLens ? tolerance : Math.Max(tolerance, ThresholdTolerance);

    private void Observe(TrainingPass pass, string stage, IReadOnlyList<Tensor?> gradients)
    {
        var step = $"step{pass.Step + 1}";
        var names = trainer.Dictionary.Weights.Named().Select(n => n.Name).ToArray();
        for (var i = 0; i < names.Length; i++)
            if (gradients[i] is { } gradient)
                AddWeight($"{step}/{(stage == "raw" ? "grad_after_backward" : "grad_after_projection")}", names[i], gradient);
        if (stage != "raw")
            return;
        Add($"{step}/features", pass.Latents.Acts);
        Add($"{step}/feature_acts", pass.Latents.Acts);
        Add($"{step}/hidden_pre", pass.Latents.Pre);
        Add($"{step}/x_hat", pass.Output);
        Add($"{step}/sae_out", pass.Output);
        Add($"{step}/dead_neuron_mask", pass.Dead);
        Add($"{step}/active_per_latent", (pass.Latents.Acts != 0).sum(0L));
        if (pass.Step == 0)
            Add("step1/b_dec_at_loss", trainer.Dictionary.Weights.DecoderBias);
    }

    private void Record(DictionaryStep step)
    {
        var options = trainer.Options;
        double Term(string name) => step.Terms.GetValueOrDefault(name);
        Put("loss", step.Loss);
        Put("mse_loss", Term("mse"));
        Put("l0", step.L0);
        Put("lr", step.Rate);
        Put("explained_variance", 1 - step.Unexplained);
        if (options.ClipNorm > 0)
            Put("grad_norm_before_clip", step.GradientLength);
        Put("dead", step.Dead);
        Put("dead_features", step.Dead);
        foreach (var name in new[] { "l1_loss", "l0_loss" })
            Put(name, Term("sparsity"));
        foreach (var name in new[] { "auxiliary_reconstruction_loss", "aux_loss" })
            Put(name, Term("auxiliary"));
        Put("auxk_loss", Term("auxiliary") * 32);
        Put("pre_act_loss", Term("pre_activation"));
        foreach (var width in options.Nesting)
            Put($"inner_mse_loss_{width}", Term($"inner_{width}"));
        Put("topk_threshold_after", trainer.Dictionary.BatchThreshold ?? 0);
        if (golden.IsSaeLens)
        {
            foreach (var name in new[] { "coefficient_l1", "coefficient_l0" })
                Put(name, options.Sparsity * options.SparsityAt(step.Number));
            return;
        }
        var scale = options.SparsityAt(step.Number);
        Put("sparsity_scale", scale);
        if (!golden.Name.Contains("standard"))
            Put("l2_loss", Term("mse"));
        if (scale > 0 && trainer.Dictionary.Config.Activation is ReluLatents or GatedLatents && options.SparsityWarmUp == 0)
            Put("sparsity_loss", Term("sparsity") / options.Sparsity);
        Put("threshold_after", trainer.Dictionary.BatchThreshold ?? -1);
    }

    private void AddState(string step)
    {
        Add($"{step}/num_tokens_since_fired", trainer.Silent);
        Add($"{step}/n_forward_passes_since_fired", trainer.Silent);
        var names = trainer.Dictionary.Weights.Named().Select(n => n.Name).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            AddWeight($"{step}/adam/exp_avg", names[i], trainer.Optimizer.Means[i]);
            AddWeight($"{step}/adam/exp_avg_sq", names[i], trainer.Optimizer.Squares[i]);
        }
        foreach (var (buffer, none) in new[] { ("topk_threshold", 0.0), ("threshold", -1.0) })
            if (library.Length == 0 && golden.Has($"{step}/buffers_after/{buffer}"))
                compare.Add($"{step}/{buffer}", [trainer.Dictionary.BatchThreshold ?? none], golden.Values($"{step}/buffers_after/{buffer}"), Threshold);
    }

    private void AddWeights(string prefix)
    {
        foreach (var (name, tensor) in trainer.Dictionary.Weights.Named())
            AddWeight(prefix, name, tensor);
    }

    private void AddWeight(string prefix, string name, Tensor ours)
    {
        if (golden.Weight(library + prefix, name) is { } stored)
            compare.Add($"{prefix}/{name}", ours, GoldenCompare.Doubles(stored), stored.shape, tolerance);
    }

    private void Add(string name, Tensor ours)
    {
        if (library.Length == 0 && golden.Has(name))
            compare.Add(name, GoldenCompare.Doubles(ours), golden.Values(name), tolerance);
    }

    private void Put(string name, double value) => (series.TryGetValue(name, out var values) ? values : series[name] = []).Add(value);
}
