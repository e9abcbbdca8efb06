namespace Interp.Tests.Parity.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Stored probes of single parts: straight-through functions, auxiliary losses, metrics, schedules, transcoders, resampling.</summary>
[Trait("Tier", "parity")]
public sealed class SaeProbeTests
{
    private const double Tolerance = 1e-11;

    [SkippableFact]
    public void StraightThrough_Grid_EqualsBothLibraries()
    {
        using var scope = NewDisposeScope();
        using var golden = SaeGolden.Open("both-jumprelu_ste_grid");
        var compare = new GoldenCompare("both-jumprelu_ste_grid", ScalarType.Float64);
        foreach (var (threshold, text) in new[] { (0.5, "0.5"), (0.05, "0.05") })
            foreach (var output in new[] { "ones", "ramp" })
                foreach (var function in new[] { "jumprelu", "step" })
                    AddFunction(golden, compare, threshold, $"threshold{text}_{output}", function);
        AddComposed(golden, compare, 0.25, "dl_composed");
        AddComposed(golden, compare, 0.03125, "dl_composed_low_threshold");
        Evidence.Record("sae-probes", compare.Holds, compare.Figure);
        compare.ShouldHold(53);
    }

    [SkippableFact]
    public void Auxiliary_DeadLatents_EqualsBothLibraries()
    {
        using var scope = NewDisposeScope();
        using var golden = SaeGolden.Open("both-aux_probe");
        var compare = new GoldenCompare("both-aux_probe", ScalarType.Float64);
        foreach (var recipe in new[] { DictionaryRecipe.SaeLens, DictionaryRecipe.DictionaryLearning })
            foreach (var dead in new[] { 0, 3, 8, 20, 64 })
                AddAuxiliary(golden, compare, recipe, dead);
        Evidence.Record("sae-probes", compare.Holds, compare.Figure);
        compare.ShouldHold(2 * (5 + 4 * 4));
    }

    [SkippableFact]
    public void Metrics_FixedTensors_EqualLibraries()
    {
        using var scope = NewDisposeScope();
        using var golden = SaeGolden.Open("both-metrics");
        var compare = new GoldenCompare("both-metrics", ScalarType.Float64);
        using var metrics = new DictionaryMetrics(64, 16);
        var (x, latents, guess) = (golden.Read("x"), golden.Read("feature_acts"), golden.Read("x_hat"));
        metrics.Add(x.narrow(0, 0, 12), latents.narrow(0, 0, 12), guess.narrow(0, 0, 12));
        metrics.Add(x.narrow(0, 12, 20), latents.narrow(0, 12, 20), guess.narrow(0, 12, 20));
        void Add(string array, params double[] ours) => compare.Add(array, ours, golden.Values(array), Tolerance);
        Add("saelens_trainer/explained_variance", metrics.ExplainedVariance);
        Add("sparsify/fvu", metrics.Unexplained);
        Add("dictionary_learning_evaluate/frac_variance_explained", metrics.FreeMeanExplainedVariance);
        Add("saelens_evals_all/explained_variance", metrics.SaeLensExplainedVariance);
        Add("saelens_evals_all/l0", metrics.L0);
        Add("saelens_evals_all/l1", metrics.L1);
        Add("saelens_evals_all/cossim", metrics.Cosine);
        Add("saelens_evals_all/l2_ratio", metrics.Shrinkage);
        Add("saelens_evals_all/relative_reconstruction_bias", metrics.RelativeReconstructionBias);
        Add("saelens_evals_all/feature_density", metrics.Densities);
        Add("dictionary_learning_evaluate/frac_alive", metrics.Densities.Count(d => d > 0) / 64.0);
        Add("dictionary_learning/geometric_median_batch0", GoldenCompare.Doubles(GeometricMedian.Of(SaeGolden.Problem("batches", ScalarType.Float64)[0])));
        Evidence.Record("sae-probes", compare.Holds, compare.Figure);
        compare.ShouldHold(12);
    }

    [SkippableFact]
    public void RateAt_Schedules_EqualLibraries()
    {
        using var golden = SaeGolden.Open("both-lr_schedules");
        var compare = new GoldenCompare("both-lr_schedules", ScalarType.Float64);
        var options = new DictionaryTrainingOptions { Steps = 12, LearningRate = 3e-3 };
        var other = options with { Recipe = DictionaryRecipe.DictionaryLearning, LearningRate = 1 };
        void Add(string array, Func<int, double> value) => compare.Add(array, [.. Enumerable.Range(0, 12).Select(value)], golden.Values(array), Tolerance);
        Add("saelens/constant", options.RateAt);
        Add("saelens/constant_warmup3_decay4", (options with { WarmUp = 3, Decay = 4 }).RateAt);
        Add("saelens/cosine", (options with { Schedule = RateSchedule.Cosine }).RateAt);
        Add("saelens/cosine_warmup3_decay4", (options with { Schedule = RateSchedule.Cosine, WarmUp = 3, Decay = 4 }).RateAt);
        foreach (var warmUp in new[] { 0, 1, 5 })
            Add($"saelens/coefficient_2.0_warmup{warmUp}", step => 2 * (options with { SparsityWarmUp = warmUp }).SparsityAt(step));
        Add("dictionary_learning/lr_factor_warmup0", other.RateAt);
        Add("dictionary_learning/lr_factor_warmup3_decay8", (other with { WarmUp = 3, Decay = 4 }).RateAt);
        Add("dictionary_learning/sparsity_scale_warmup0", other.SparsityAt);
        Add("dictionary_learning/sparsity_scale_warmup4", (other with { SparsityWarmUp = 4 }).SparsityAt);
        Evidence.Record("sae-probes", compare.Holds, compare.Figure);
        compare.ShouldHold(11);
    }

    [SkippableTheory]
    [InlineData("saelens-transcoder", 10)]
    [InlineData("saelens-skip_transcoder", 12)]
    [InlineData("saelens-jumprelu_transcoder", 11)]
    public void Transcoder_ForwardAndGradients_EqualSaeLens(string name, int expected)
    {
        using var scope = NewDisposeScope();
        using var golden = SaeGolden.Open(name);
        var compare = new GoldenCompare(name, ScalarType.Float64);
        var activation = name.Contains("jumprelu") ? LatentActivation.JumpRelu() : LatentActivation.Relu;
        var config = new DictionaryConfig { DIn = 16, DOut = 12, Width = 64, Activation = activation, CentreInput = false };
        using var dictionary = SparseDictionary.Create(config, golden.Weights("params", activation, ScalarType.Float64));
        var weights = dictionary.Weights.Named().ToArray();
        foreach (var (_, tensor) in weights)
            tensor.requires_grad_(true);
        var (x, y) = (golden.Read("x"), golden.Read("y"));
        var forward = dictionary.Reconstruct(x);
        var loss = (forward - y).square().sum(-1L).mean();
        void Add(string array, Tensor ours) => compare.Add(array, GoldenCompare.Doubles(ours), golden.Values(array), Tolerance);
        Add("encode", dictionary.Encode(x));
        Add("forward", forward);
        Add("mse", loss);
        var gradients = autograd.grad([loss], [.. weights.Select(w => w.Tensor)], allow_unused: true);
        for (var i = 0; i < weights.Length; i++)
            if (gradients[i] is { IsInvalid: false } gradient)
                compare.Add($"grad/{weights[i].Name}", GoldenCompare.Doubles(gradient), GoldenCompare.Doubles(golden.Weight("grad_of_mse", weights[i].Name)!), Tolerance);
        using var noGradient = no_grad();
        using var folded = dictionary.FoldDecoderNorms();
        Add("fold_W_dec_norm_forward", folded.Reconstruct(x));
        compare.Add("fold W_dec", GoldenCompare.Doubles(folded.Weights.Decoder), golden.Values("fold_W_dec_norm/W_dec"), Tolerance);
        compare.Add("fold W_enc", GoldenCompare.Doubles(folded.Weights.Encoder), golden.Values("fold_W_dec_norm/W_enc"), Tolerance);
        if (folded.Weights.Latent.TryGetValue("threshold", out var threshold))
            Add("fold_W_dec_norm/threshold", threshold);
        if (folded.Weights.Skip is { } skip)
            compare.Add("fold W_skip", GoldenCompare.Doubles(skip.t()), golden.Values("fold_W_dec_norm/W_skip"), Tolerance);
        Evidence.Record("sae-probes", compare.Holds, compare.Figure);
        compare.ShouldHold(expected);
    }

    [SkippableTheory]
    [InlineData("sparsify-topk")]
    [InlineData("sparsify-topk_aux_multitopk")]
    public void Loss_Sparsify_EqualsLibrary(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = SaeGolden.Open(name);
        var compare = new GoldenCompare(name, ScalarType.Float64);
        var config = new DictionaryConfig { DIn = 16, Width = 64, Activation = LatentActivation.TopK(4) };
        using var dictionary = SparseDictionary.Create(config, golden.Weights("params", config.Activation, ScalarType.Float64));
        var options = DictionaryTrainingOptions.Like(DictionaryRecipe.Sparsify, config.Activation) with { MultiTopK = name.Contains("multi") };
        var weights = dictionary.Weights.Named().ToArray();
        foreach (var (_, tensor) in weights)
            tensor.requires_grad_(true);
        var x = SaeGolden.Problem("batches", ScalarType.Float64)[0];
        var pass = new TrainingPass(dictionary, config.Activation, x, x, options, 0) { DeadMask = _ => golden.Read("dead_mask") };
        var terms = VarianceLoss.Of(pass);
        double Term(string term) => terms.Parts.FirstOrDefault(p => p.Name == term).Value?.ToDouble() ?? 0;
        void Add(string array, params double[] ours) => compare.Add(array, ours, golden.Values(array), Tolerance);
        Add("loss", terms.Total.ToDouble());
        Add("fvu", Term("mse"));
        Add("auxk_loss", Term("auxiliary") * 32);
        Add("multi_topk_fvu", Term("multi_topk") * 8);
        Add("features_dense", GoldenCompare.Doubles(pass.Latents.Acts));
        // With multi-TopK the library returns the reconstruction from 4k latents.
        var relu = pass.Latents.Pre.relu();
        var wide = pass.Decode(relu * TopKLatents.Chosen(relu.detach(), 16).to(relu.dtype), 64);
        Add("sae_out", GoldenCompare.Doubles(options.MultiTopK ? wide : pass.Output));
        var gradients = autograd.grad([terms.Total], [.. weights.Select(w => w.Tensor)], allow_unused: true);
        for (var i = 0; i < weights.Length; i++)
            compare.Add($"grad/{weights[i].Name}", GoldenCompare.Doubles(gradients[i]), GoldenCompare.Doubles(golden.Weight("grad_after_backward", weights[i].Name)!), Tolerance);
        Evidence.Record("sae-probes", compare.Holds, compare.Figure);
        compare.ShouldHold(10);
    }

    [SkippableFact]
    public void Resample_DrawnRows_EqualsLibrary()
    {
        using var scope = NewDisposeScope();
        using var golden = SaeGolden.Open("dictionary_learning-standard_resample");
        var compare = new GoldenCompare("dictionary_learning-standard_resample", ScalarType.Float64);
        var config = new DictionaryConfig { DIn = 16, Width = 64, Activation = LatentActivation.Relu };
        var weights = golden.Weights("before", config.Activation, ScalarType.Float64);
        using var dictionary = SparseDictionary.Create(config, weights);
        using var trainer = new DictionaryTrainer(dictionary, DictionaryTrainingOptions.Like(DictionaryRecipe.DictionaryLearning, config.Activation));
        var x = golden.Read("x");
        foreach (var moment in trainer.Optimizer.Means)
            moment.fill_(1);
        using (no_grad())
            compare.Add("sampling_weights", GoldenCompare.Doubles(trainer.ErrorLengths(x)), golden.Values("sampling_weights"), Tolerance);
        trainer.Resample(golden.Read("deads"), x.index_select(0, golden.Read("drawn_rows")));
        foreach (var name in new[] { "W_enc", "b_enc", "W_dec" })
            compare.Add(name, GoldenCompare.Doubles(weights.Named().First(w => w.Name == name).Tensor), GoldenCompare.Doubles(golden.Weight("after", name)!), Tolerance);
        trainer.Optimizer.Means.Select(m => (m == 0).sum().ToInt64()).ShouldBe([6 * 16, 6, 6 * 16, 0]);
        Evidence.Record("sae-probes", compare.Holds, compare.Figure);
        compare.ShouldHold(4);
    }

    private static void AddFunction(SaeGolden golden, GoldenCompare compare, double threshold, string group, string function)
    {
        var x = golden.Read($"{group}/x").unsqueeze(0).requires_grad_(true);
        var thresholds = full([x.shape[1]], threshold, dtype: ScalarType.Float64).requires_grad_(true);
        var output = function == "step" ? StraightThrough.Step(x, thresholds, 0.25) : StraightThrough.JumpRelu(x, thresholds, 0.25);
        var gradients = autograd.grad([output], [x, thresholds], [golden.Read($"{group}/grad_output").unsqueeze(0)], allow_unused: true);
        var ofX = gradients[0] is { IsInvalid: false } given ? given : zeros_like(x);
        foreach (var library in new[] { "saelens", "dl" })
            foreach (var (array, ours) in new[] { ("output", output), ("grad_x", ofX), ("grad_threshold", gradients[1]) })
                compare.Add($"{group}/{library}_{function}/{array}", GoldenCompare.Doubles(ours), golden.Values($"{group}/{library}_{function}/{array}"), Tolerance);
    }

    private static void AddComposed(SaeGolden golden, GoldenCompare compare, double threshold, string group)
    {
        var x = golden.Read($"{group}/x").unsqueeze(0).requires_grad_(true);
        var thresholds = full([x.shape[1]], threshold, dtype: ScalarType.Float64).requires_grad_(true);
        var l0 = StraightThrough.Step(StraightThrough.JumpRelu(x, thresholds, 0.125), thresholds, 0.125);
        var gradients = autograd.grad([l0.sum()], [x, thresholds], allow_unused: true);
        if (golden.Has($"{group}/l0"))
            compare.Add($"{group}/l0", GoldenCompare.Doubles(l0), golden.Values($"{group}/l0"), Tolerance);
        var ofX = gradients[0] is { IsInvalid: false } given ? given : zeros_like(x);
        compare.Add($"{group}/grad_x", GoldenCompare.Doubles(ofX), golden.Values($"{group}/grad_x"), Tolerance);
        compare.Add($"{group}/grad_threshold", GoldenCompare.Doubles(gradients[1]), golden.Values($"{group}/grad_threshold"), Tolerance);
    }

    private static void AddAuxiliary(SaeGolden golden, GoldenCompare compare, DictionaryRecipe recipe, int dead)
    {
        using var scope = NewDisposeScope();
        var library = recipe == DictionaryRecipe.SaeLens ? "saelens" : "dictionary_learning";
        var config = new DictionaryConfig { DIn = 16, Width = 64, Activation = LatentActivation.TopK(4), RescaleByDecoderNorm = recipe == DictionaryRecipe.SaeLens };
        using var dictionary = SparseDictionary.Create(config, golden.Weights($"{library}/params", config.Activation, ScalarType.Float64));
        var options = DictionaryTrainingOptions.Like(recipe, config.Activation) with { Auxiliary = 1 };
        var weights = dictionary.Weights.Named().ToArray();
        foreach (var (_, tensor) in weights)
            tensor.requires_grad_(true);
        var x = golden.Read("x");
        var group = $"{library}/dead{dead}";
        var pass = new TrainingPass(dictionary, config.Activation, x, x, options, 0) { DeadMask = _ => golden.Read($"{group}/mask") };
        var terms = recipe == DictionaryRecipe.SaeLens ? SaeLensLoss.Of(pass) : DictionaryLearningLoss.Of(pass);
        var loss = terms.Parts.FirstOrDefault(p => p.Name == "auxiliary").Value;
        var stored = golden.Values(golden.Has($"{group}/aux_loss") ? $"{group}/aux_loss" : $"{group}/aux_loss_normalised");
        compare.Add($"{group}/loss", [loss?.ToDouble() ?? 0], stored, Tolerance);
        if (loss is null)
            return;
        var gradients = autograd.grad([loss], [.. weights.Select(w => w.Tensor)], allow_unused: true);
        for (var i = 0; i < weights.Length; i++)
            if (golden.Weight($"{group}/grad", weights[i].Name) is { } gradient)
                compare.Add($"{group}/{weights[i].Name}", GoldenCompare.Doubles(gradients[i] is { IsInvalid: false } g ? g : zeros_like(gradient)), GoldenCompare.Doubles(gradient), Tolerance);
    }
}
