namespace Interp;

using Interp.Extending;

/// <summary>One of dictionary_learning's classes: which dictionary it is, and under which names it keeps its weights.</summary>
/// <param name="Class">The class.</param>
/// <param name="Trainer">A trainer that makes it.</param>
/// <param name="Activation">Its rule.</param>
/// <param name="Linear">Whether the matrices are those of linear layers.</param>
/// <param name="Centres">Whether the decoder's bias is taken from the input.</param>
/// <param name="EncoderBias">The name of the encoder's bias.</param>
/// <param name="DecoderBias">The name of the decoder's bias.</param>
internal sealed record DictionaryLearningKind(
    string Class, string Trainer, LatentActivation Activation, bool Linear, bool Centres, string EncoderBias, string DecoderBias)
{
    /// <summary>The rule's own weights: our name and the stored one.</summary>
    public (string Name, string Stored)[] Own => Activation switch
    {
        GatedLatents => [(GatedLatents.LogScale, "r_mag"), (GatedLatents.MagnitudeBias, "mag_bias")],
        JumpReluLatents => [(JumpReluLatents.Threshold, "threshold")],
        _ => [],
    };

    /// <summary>Whether the class keeps the widths of nested dictionaries.</summary>
    public bool Nests => Class == "MatryoshkaBatchTopKSAE";

    /// <summary>k, where the class has one.</summary>
    public int? Chooses => Activation switch { TopKLatents top => top.K, BatchTopKLatents batch => (int)batch.K, _ => null };

    /// <summary>The class that a configuration names.</summary>
    /// <exception cref="InvalidDataException">It is not known, or k is absent.</exception>
    public static DictionaryLearningKind Named(ConfigFile trainer) => trainer.Text("dict_class") switch
    {
        "AutoEncoder" => Standard,
        "AutoEncoderNew" => Uncentred,
        "AutoEncoderTopK" => TopK(trainer.Int("k")),
        "BatchTopKSAE" => BatchTopK(trainer.Int("k")),
        "MatryoshkaBatchTopKSAE" => Matryoshka(trainer.Int("k")),
        "JumpReluAutoEncoder" => JumpRelu(trainer.Number("bandwidth", 0.001)),
        "GatedAutoEncoder" => Gated,
        var other => throw trainer.Error($"dict_class '{other}' is not known; known are AutoEncoder, AutoEncoderNew, AutoEncoderTopK, BatchTopKSAE, MatryoshkaBatchTopKSAE, JumpReluAutoEncoder and GatedAutoEncoder"),
    };

    /// <summary>The class of a dictionary.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static DictionaryLearningKind Of(SparseDictionary dictionary)
    {
        var config = dictionary.Config;
        var plain = config.DIn == config.DOut && dictionary.Weights.Skip is null && !config.RescaleByDecoderNorm && config.Normalisation == InputNormalisation.None;
        DictionaryLearningKind? kind = (config.Activation, config.CentreInput) switch
        {
            (ReluLatents, true) => Standard,
            (ReluLatents, false) => Uncentred,
            (TopKLatents top, true) => TopK(top.K),
            (BatchTopKLatents batch, true) when batch.K == Math.Floor(batch.K) => config.Nesting.IsEmpty ? BatchTopK((int)batch.K) : Matryoshka((int)batch.K),
            (JumpReluLatents { InLogSpace: false } jump, false) => JumpRelu(jump.Bandwidth),
            (GatedLatents, true) => Gated,
            _ => null,
        };
        return plain && kind is not null
            ? kind
            : throw new ArgumentException(
                $"dictionary_learning's layout has no such dictionary: {dictionary}. It has ReLU, TopK, BatchTopK (whole k) and gated ones that centre their input, ReLU and JumpReLU ones that do not, "
                + $"all of equal width at both ends, without rescaling, normalisation or skip path.{(config.RescaleByDecoderNorm ? " Fold first (FoldDecoderNorms)." : "")}");
    }

    private static DictionaryLearningKind Standard => new("AutoEncoder", "StandardTrainer", LatentActivation.Relu, true, true, "encoder.bias", "bias");

    private static DictionaryLearningKind Uncentred => new("AutoEncoderNew", "StandardTrainerAprilUpdate", LatentActivation.Relu, true, false, "encoder.bias", "decoder.bias");

    private static DictionaryLearningKind Gated => new("GatedAutoEncoder", "GatedSAETrainer", LatentActivation.Gated, true, true, "gate_bias", "decoder_bias");

    private static DictionaryLearningKind TopK(int k) => new("AutoEncoderTopK", "TopKTrainer", LatentActivation.TopK(k), true, true, "encoder.bias", "b_dec");

    private static DictionaryLearningKind BatchTopK(int k) => new("BatchTopKSAE", "BatchTopKTrainer", LatentActivation.BatchTopK(k), true, true, "encoder.bias", "b_dec");

    private static DictionaryLearningKind Matryoshka(int k) => new("MatryoshkaBatchTopKSAE", "MatryoshkaBatchTopKTrainer", LatentActivation.BatchTopK(k), false, true, "b_enc", "b_dec");

    private static DictionaryLearningKind JumpRelu(double bandwidth) => new("JumpReluAutoEncoder", "JumpReluTrainer", LatentActivation.JumpRelu(bandwidth), false, false, "b_enc", "b_dec");
}
