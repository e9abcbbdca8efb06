namespace Interp;

using static TorchSharp.torch;

/// <summary>The model of the small <see cref="World"/>: four layers of four heads, about a million weights.</summary>
/// <remarks>
/// It has learned indirect objects, pronouns, agreement, capitals, succession and the like from <see cref="World.Document"/>s.
/// <c>Models.Load("tinyworld")</c> loads the weights that <c>eng/train-organism.sh tinyworld</c> gives at seed 0, in half precision.
/// </remarks>
public static class TinyWorld
{
    private const int SequencesPerStep = 40;
    private const int SentencesPerDocument = 8;

    /// <summary>The step from which on half of all sentences are of what stands in the context.</summary>
    private const int FirstContextStep = 800;

    /// <summary>What it is built of.</summary>
    /// <param name="vocabulary">Tokens of the tokenizer.</param>
    public static TransformerConfig Config(int vocabulary) => new()
    {
        ModelName = "tinyworld", Layers = 4, DModel = 128, Heads = 4, DHead = 32, DMlp = 512, DVocab = vocabulary, Context = 64, Positions = PositionKind.Rotary,
    };

    /// <summary>How it is trained.</summary>
    public static TrainingOptions Options { get; } = new()
    {
        Steps = 3000, LearningRate = 2e-3, WarmUp = 200, WeightDecay = 0.05, FinalShare = 0.01, MachineIndependent = true,
    };

    /// <summary>Learns its tokenizer: byte-level byte pairs, about a thousand.</summary>
    /// <param name="seed">Which documents it is learned from.</param>
    /// <returns>The content of a tokenizer.json.</returns>
    public static string LearnTokenizer(int seed)
    {
        var random = new Random(seed);
        var documents = Enumerable.Range(0, 4000).Select(_ => World.Document(random, SentencesPerDocument));
        return new BpeTrainer { VocabularySize = 1100 }.Train(documents.Concat(World.Years));
    }

    /// <summary>The sequences of a training step: documents behind the beginning-of-sequence token, cut to the context.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="seed">The training's seed.</param>
    /// <param name="step">The step, from 0 on.</param>
    public static RunInput Batch(ITokenizer tokenizer, int seed, int step)
    {
        var random = new Random(unchecked(seed * 1_000_003 + step));
        var rows = Enumerable.Range(0, SequencesPerStep).Select(_ => Row(tokenizer, random, step >= FirstContextStep)).ToList();
        return RunInput.Of(rows);
    }

    /// <summary>Trains it from random weights.</summary>
    /// <param name="seed">Equal seeds give equal weights with the same BLAS kernel and number of threads.</param>
    /// <param name="tokenizer">Its tokenizer, from <see cref="LearnTokenizer"/>.</param>
    /// <param name="options">Steps and rates; null for <see cref="Options"/>.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    /// <returns>The trained model, in float32, which the caller disposes.</returns>
    public static HookedTransformer Train(
        int seed, ITokenizer tokenizer, TrainingOptions? options = null, IProgress<TrainingStep>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= Options;
        var dtype = options.MachineIndependent ? ScalarType.Float64 : ScalarType.Float32;
        using var start = Config(tokenizer.VocabularySize).Initialise(seed, tokenizer, dtype, machineIndependent: true);
        using var trained = start.Train(step => Batch(tokenizer, seed, step), options, progress, cancellation);
        return trained.To(ScalarType.Float32);
    }

    /// <summary>How often a model's first choice is right, behaviour by behaviour.</summary>
    /// <param name="model">This model, or another with its tokenizer.</param>
    /// <param name="count">Prompts a cell.</param>
    /// <param name="seed">Which prompts.</param>
    /// <param name="cancellation">Ends the measurement between two layers.</param>
    /// <returns>[behaviour, prompts]: shares of right answers for seen words and templates, held-out words, held-out templates, and chance; NaN where no words are held out.</returns>
    public static LabelledArray Accuracy(HookedTransformer model, int count = 500, int seed = 1_000_000, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        var tokenizer = model.Tokenizer ?? throw new ArgumentException("The model has no tokenizer: load it with one.", nameof(model));
        double[] values =
        [
            .. World.Behaviours.SelectMany(b => Enum.GetValues<WorldSplit>()
                .Select(s => s == WorldSplit.HeldOutWords && !b.HoldsOutWords ? double.NaN : model.Accuracy(b.Prompts(tokenizer, count, seed, s), cancellation))
                .Append(b.Prompts(tokenizer, count, seed).Chance)),
        ];
        Axis[] axes = [new("behaviour", [.. World.Behaviours.Select(b => b.Name)]), new("prompts", ["seen", "held-out words", "held-out templates", "chance"])];
        return new LabelledArray(axes, values, "share right");
    }

    private static int[] Row(ITokenizer tokenizer, Random random, bool context)
    {
        var length = Config(tokenizer.VocabularySize).Context;
        var row = new List<int>(2 * length);
        while (row.Count < length)
        {
            var document = context ? World.DocumentOfContext(random, SentencesPerDocument) : World.Document(random, SentencesPerDocument);
            row.AddRange(tokenizer.Ids(document, row.Count == 0 ? null : new EncodeOptions { Bos = Bos.Never }));
        }
        return [.. row.Take(length)];
    }
}
