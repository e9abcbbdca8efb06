namespace Interp.Tests.Parity.Dictionaries;

using System.Collections.Immutable;
using static TorchSharp.torch;

/// <summary>The dictionaries and training options of the stored cases.</summary>
internal static class SaeCase
{
    /// <summary>Every case that was trained with an optimiser.</summary>
    public static IReadOnlyList<string> Trained { get; } =
    [
        "saelens-standard", "saelens-standard-schedule", "saelens-standard-lp0.5_nodecinputbias", "saelens-standard-layernorm", "saelens-standard-constnorm",
        "saelens-topk", "saelens-topk-norescale", "saelens-topk-aux", "saelens-topk-aux_few", "saelens-batchtopk", "saelens-batchtopk-aux",
        "saelens-matryoshka_batchtopk", "saelens-matryoshka_batchtopk-aux", "saelens-jumprelu_step", "saelens-jumprelu_tanh", "saelens-gated",
        "dictionary_learning-standard", "dictionary_learning-standard-schedule", "dictionary_learning-standard_april_update",
        "dictionary_learning-topk", "dictionary_learning-topk-aux", "dictionary_learning-topk-aux_many", "dictionary_learning-topk-kanneal_schedule",
        "dictionary_learning-batchtopk", "dictionary_learning-batchtopk-aux", "dictionary_learning-matryoshka", "dictionary_learning-matryoshka-aux",
        "dictionary_learning-gated", "dictionary_learning-jumprelu", "dictionary_learning-jumprelu-low_threshold",
    ];

    public static DictionaryConfig Config(SaeGolden golden)
    {
        var name = golden.Name;
        var saeLens = golden.IsSaeLens;
        var jumpRelu = new JumpReluLatents { Bandwidth = golden.Setting(saeLens ? "jumprelu_bandwidth" : "bandwidth") ?? 0.05, InLogSpace = saeLens };
        LatentActivation activation = name.Contains("gated") ? LatentActivation.Gated
            : name.Contains("jumprelu") ? jumpRelu
            : name.Contains("batchtopk") || name.Contains("matryoshka") ? new BatchTopKLatents(golden.Setting("k")!.Value)
            : name.Contains("topk") ? new TopKLatents((int)golden.Setting("k")!.Value) : LatentActivation.Relu;
        return new DictionaryConfig
        {
            DIn = 16, Width = 64, Activation = activation,
            CentreInput = saeLens ? !name.Contains("nodecinputbias") : !name.Contains("jumprelu"),
            RescaleByDecoderNorm = golden.Says("\"rescale_acts_by_decoder_norm\": true"),
            Normalisation = name.Contains("layernorm") ? InputNormalisation.LayerNorm
                : name.Contains("constnorm") ? InputNormalisation.ConstantNorm : InputNormalisation.None,
        };
    }

    public static DictionaryTrainingOptions Options(SaeGolden golden, DictionaryConfig config)
    {
        var recipe = golden.IsSaeLens ? DictionaryRecipe.SaeLens : DictionaryRecipe.DictionaryLearning;
        var options = DictionaryTrainingOptions.Like(recipe, config.Activation) with
        {
            Steps = 12, BatchRows = 32, LearningRate = 3e-3,
            Nesting = golden.Name.Contains("matryoshka") ? [16, 32] : [],
        };
        return golden.IsSaeLens ? SaeLens(golden, options) : DictionaryLearning(golden, options);
    }

    /// <summary>How long latents had been silent before the first step.</summary>
    public static void SetSilent(SaeGolden golden, Tensor silent)
    {
        if (golden.Name.EndsWith("aux_few", StringComparison.Ordinal))
            foreach (var latent in new[] { 3, 17, 40 })
                silent[latent].fill_(100_000);
        else if (golden.Name is "dictionary_learning-topk-aux_many" or "dictionary_learning-batchtopk-aux")
            silent.fill_(64);
        else if (golden.Name.EndsWith("-aux", StringComparison.Ordinal) || golden.Name == "saelens-jumprelu_tanh")
            silent.narrow(0, 0, 40).fill_(golden.IsSaeLens ? 10 : 64);
    }

    private static DictionaryTrainingOptions SaeLens(SaeGolden golden, DictionaryTrainingOptions options) => options with
    {
        Sparsity = golden.Setting("l1_coefficient") ?? golden.Setting("l0_coefficient") ?? 0,
        SparsityNorm = golden.Setting("lp_norm") ?? 1,
        SparsityWarmUp = (int)(golden.Setting("l1_warm_up_steps") ?? golden.Setting("l0_warm_up_steps") ?? 0),
        JumpPenalty = golden.Name.Contains("tanh") ? JumpPenalty.Tanh : JumpPenalty.Step,
        PreActivationPenalty = golden.Setting("pre_act_loss_coefficient") ?? 0,
        Auxiliary = golden.Setting("aux_loss_coefficient") ?? 1,
        DeadAfter = (long)golden.Setting("dead_feature_window")!.Value,
        WarmUp = (int)golden.Setting("lr_warm_up_steps")!.Value, Decay = (int)golden.Setting("lr_decay_steps")!.Value,
        ThresholdDecay = 1 - (golden.Setting("topk_threshold_lr") ?? 0.01),
    };

    private static DictionaryTrainingOptions DictionaryLearning(SaeGolden golden, DictionaryTrainingOptions options)
    {
        var april = golden.Name.Contains("april");
        return options with
        {
            Sparsity = golden.Setting("l1_penalty") ?? golden.Setting("sparsity_penalty") ?? 0,
            SparsityWarmUp = (int)(golden.Setting("sparsity_warmup_steps") ?? 0),
            TargetL0 = golden.Setting("target_l0") ?? 20,
            WarmUp = (int)golden.Setting("warmup_steps")!.Value,
            Decay = golden.Setting("decay_start") is { } start ? 12 - (int)start : 0,
            ThresholdDecay = golden.Setting("threshold_beta") ?? 0.999, ThresholdStart = (int)(golden.Setting("threshold_start_step") ?? 1000),
            DeadAfter = golden.Name.Contains("-aux") ? 64 : 10_000_000,
            AnnealK = (int)(golden.Setting("k_anneal_steps") ?? 0),
            NestingWeights = golden.Says("group_weights 0.5") ? [0.5, 0.3, 0.2] : ImmutableArray<double>.Empty,
            Decoder = april ? DecoderRule.Free : options.Decoder, ClipNorm = april ? 1 : options.ClipNorm,
            PenaliseByDecoderNorm = april,
        };
    }
}
