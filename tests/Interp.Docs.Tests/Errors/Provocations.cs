namespace Interp.Docs.Tests.Errors;

using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>The mistakes of docs/errors.md, in its order.</summary>
internal sealed class Provocations : IDisposable
{
    private const string Words = "owl fox sun oak map";

    private static readonly TransformerConfig Small = new() { ModelName = "small", Layers = 2, DModel = 8, Heads = 2, DHead = 4, DMlp = 12, DVocab = 11, Context = 6 };

    private readonly HookedTransformer model = Models.Load("induction-2l");
    private readonly HookedTransformer small = Small.Initialise(seed: 0);

    public void Dispose()
    {
        model.Dispose();
        small.Dispose();
    }

    /// <summary>Every mistake.</summary>
    public IEnumerable<Provocation> All() => [.. Loading(), .. Text(), .. Sites(), .. Patching(), .. Dictionaries(), .. Torch()];

    private static IEnumerable<Provocation> Loading() =>
    [
        new("loading", () => Models.Load("my-model"), "No folder, bundled model or repository has that name", "Give the folder of a download, `owner/name`, or a bundled name; relative paths are of the working folder"),
        new("loading", () => Models.Load(Folder("nothing")), "The folder is none of a model, often one level too high", "Give the folder that holds `config.json`"),
        new("loading", () => Models.Load(Folder("unknown", """{"architectures":["NewForCausalLM"],"hidden_size":8,"num_hidden_layers":2,"num_attention_heads":2,"vocab_size":9}""")), "No family reads that architecture", "Write one: [adding-a-family.md](adding-a-family.md); `Models.Architectures` lists those there are"),
        new("loading", () => Models.Load(Folder("quantised", """{"architectures":["LlamaForCausalLM"],"quantization_config":{"quant_method":"gptq"}}""")), "Quantised weights are not read", "Take the model's unquantised repository"),
        new("loading", () => Models.Load(Folder("bare", Llama)), "Configuration without weights: the download is not complete", "Fetch `model.safetensors`, or its index and shards"),
        new("loading", LoadCut, "The file ends early: a download broke off", "Fetch it again; `Hub` checks length and hash"),
        new("loading", LoadOther, "Configuration and weights are of different models", "Take both from one revision"),
        new("loading", LoadPickle, "The weights are a pickle, which other programs may run code from", "Set `LoadOptions.AllowPickle`: it is read here without running anything"),
        new("loading", () => new Hub(new HubOptions { Offline = true, Cache = "cache" }).Model("EleutherAI/pythia-70m"), "`HF_HUB_OFFLINE` is set and the model has not been fetched", "Unset it, or copy the cache from a machine that has the model"),
    ];

    private IEnumerable<Provocation> Text() =>
    [
        new("text", () => small.On("Hello"), "The model came without a tokenizer", "Give token ids, `LoadOptions.Tokenizer`, or `WithTokenizer`"),
        new("text", () => model.SingleToken("owl fox"), "The answer is not one token", "Take one that is; mind the leading space, `\" She\"` and not `\"She\"`"),
        new("text", () => model.On("Owl"), "A vocabulary of whole words meets another one", "Use its words, or a tokenizer that knows bytes"),
        new("text", () => small.On([[1, 2, 30]]), "A token of another tokenizer", "Use the tokenizer of this model"),
        new("text", () => small.On([[1, 2, 3, 4, 5, 6, 7]]).Logits(), "The text is longer than the model's positions", "Shorten it, or cut it into windows"),
    ];

    private IEnumerable<Provocation> Sites() =>
    [
        new("sites", () => HookName.Parse("blocks.0.hook_resid_per"), "The name is misspelt", "Take one of the nearest; [hook-points.md](hook-points.md) has all"),
        new("sites", () => model.On(Words).Capture(ResidPost[12]).Run(), "The model has fewer blocks", "Count from 0, or from the end: `ResidPost[^1]`"),
        new("sites", () => model.On(Words).Capture(MlpPost).Run(), "The model has no such part: it is attention alone", "Look at `model.HookNames`"),
        new("sites", () => model.On(Words).Zero(Z[1].Head(9)).Logits(), "The layer has fewer heads", "Count from 0; keys and values have key-value heads"),
        new("sites", () => model.On(Words).Zero(ResidPost[1].Head(0)), "The site has no heads", "Take `Z`, or `Result` for what a head writes"),
        new("sites", ReadUncaptured, "The plan did not capture it", "Add `Capture(...)` to the plan"),
        new("sites", () => model.On(Words).WithoutLogits().Run().Logits.ToString(), "The plan ends before the unembedding", "Leave out `WithoutLogits`, `StopBefore`"),
        new("sites", () => model.On(Words).Apply(ResidPost[0], x => x[.., 1..]).Logits(), "An edit gave another shape than it was given", "Keep the shape; narrow the unit instead: `ResidPost[0].At(1..)`"),
        new("sites", () => model.On(Words).Capture(Pattern).Budget(1000).Run(), "The captures are larger than the budget", "Capture fewer layers or positions, `KeepOn` another place, or stream statistics"),
    ];

    private IEnumerable<Provocation> Patching() =>
    [
        new("patching", () => model.Contrast("owl fox sun owl", "owl fox owl", "fox", "sun"), "Positions do not line up", "Choose prompts of equal length, or name spans: `Prompt.Parse(\"{name:Lily} went\")`"),
        new("patching", () => _ = model.Contrast(Words, Words, Metric.LogitDifference(1, 1)).Patch(Z.ByHead()).Normalised, "Both runs give the same metric, so there is no scale", "Read `Effect`, or choose a corruption that matters"),
        new("patching", () => model.Contrast(Words, "owl sun fox oak map", Metric.Of("constant", logits => zeros(logits.shape[0]))).Patch(Z.ByHead()), "The metric does not use its logits", "Compute it from the argument"),
        new("patching", () => model.Contrast(Words, "owl sun fox oak map", Metric.Of("log", logits => (logits[.., 0] - logits[.., 0]).log() * 0)).Patch(Z.ByHead()), "The metric is not a number", "Look for log 0 and 0 / 0; take log-softmax"),
        new("patching", () => model.On(Words).Gradients(Metric.LogitDifference(1, 2), Z[0].Head(1)), "Gradients are of whole activations", "Ask for the site and index the result"),
        new("patching", () => model.On(["owl fox", "owl fox sun"]).GenerateTokens(2), "Padding stands between the text and its continuation", "Pad on the left: `padding: PaddingSide.Left`"),
        new("patching", LensWithoutStream, "Nothing that a lens reads was captured", "Capture `ResidPre` or `ResidPost`, or `CaptureAll()`"),
        new("patching", EdgesBehindNorms, "What is added to the stream is normalised, so a part's share is not a sum", "Patch activations; edges are for models without such norms"),
    ];

    private IEnumerable<Provocation> Dictionaries() =>
    [
        new("dictionaries", () => DictionaryFiles.Load(Folder("no-dictionary")), "The folder is not that of a dictionary", "Give the folder of one hook point, not that of the release"),
        new("dictionaries", () => Spliced(32), "The dictionary reads activations of another width", "Load the model it was trained on"),
        new("dictionaries", OtherWeights, "The model has other weights than the dictionary was made for; processing counts", "Load the model as it was; where another is meant, `dictionary.For(model)`"),
        new("dictionaries", WrongRecipe, "The recipe is for other kinds of latents", "Take another recipe, or TopK"),
    ];

    private IEnumerable<Provocation> Torch() =>
    [
        new("torch", () => ones(2, 3).matmul(ones(2, 3)), "Shapes do not fit; libtorch says how", "Print `x.shape`; hook points have their axes in [hook-points.md](hook-points.md)"),
        new("torch", UseDisposed, "The tensor was freed, by `Dispose`, `using` or the end of a dispose scope", "Keep it: `MoveToOuterDisposeScope()` or `DetachFromDisposeScope()`"),
    ];

    private const string Llama = """
        {"architectures":["LlamaForCausalLM"],"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":12,"vocab_size":9,"max_position_embeddings":16,"rms_norm_eps":1e-5}
        """;

    private static string Folder(string name, string? config = null)
    {
        Directory.CreateDirectory(name);
        if (config is not null)
            File.WriteAllText(Path.Combine(name, "config.json"), config);
        return name;
    }

    private static void LoadCut()
    {
        var path = Path.Combine(Folder("cut", Llama), "model.safetensors");
        using var some = zeros(9, 8);
        Safetensors.Write(path, [("model.embed_tokens.weight", some)]);
        using (var file = File.OpenWrite(path))
            file.SetLength(file.Length - 100);
        Models.Load("cut");
    }

    private static void LoadOther()
    {
        using var some = zeros(9, 8);
        Safetensors.Write(Path.Combine(Folder("other", Llama), "model.safetensors"), [("transformer.wte.weight", some)]);
        Models.Load("other");
    }

    private static void LoadPickle()
    {
        File.WriteAllBytes(Path.Combine(Folder("pickled", Llama), "pytorch_model.bin"), [0x50, 0x4b]);
        Models.Load("pickled");
    }

    private void ReadUncaptured()
    {
        using var run = model.On(Words).Capture(ResidPost).Run();
        _ = run[Z[0]];
    }

    private void LensWithoutStream()
    {
        using var run = model.On(Words).Capture(Z).Run();
        run.LogitLens().Dispose();
    }

    private static void EdgesBehindNorms()
    {
        using var gemma = (Small with { PostNorms = true }).Initialise(seed: 0);
        gemma.Contrast(RunInput.Of([[1, 2, 3]]), RunInput.Of([[1, 4, 3]]), Metric.LogitDifference(1, 2)).Edges(Method.Eap);
    }

    private void Spliced(int width)
    {
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = width, Width = 64, Activation = LatentActivation.TopK(4), Input = new HookName(ResidPost, 0) }, seed: 0);
        model.With(dictionary).Dispose();
    }

    private void OtherWeights()
    {
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 8, Width = 16, Activation = LatentActivation.TopK(4), Input = new HookName(ResidPost, 0) }, seed: 0);
        using var made = dictionary.For(small);
        using var other = Small.Initialise(seed: 1);
        other.With(made).Dispose();
    }

    private static void WrongRecipe()
    {
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 8, Width = 16, Activation = LatentActivation.JumpRelu() }, seed: 0);
        new DictionaryTrainer(dictionary, new DictionaryTrainingOptions { Recipe = DictionaryRecipe.Gao2024 }).Dispose();
    }

    private static void UseDisposed()
    {
        var tensor = ones(2);
        tensor.Dispose();
        _ = tensor.sum();
    }
}
