namespace Interp.Notebooks.Tests.Rendering;

using System.Collections.Immutable;
using static Interp.Sites;

/// <summary>One small value of every type that a cell may end in, made on the bundled induction model.</summary>
public sealed class Results : IDisposable
{
    private const string Prompt = "owl fox sun oak map ink jar bee owl fox";
    private const string Drawn = "ifig", Tabled = "<table>", Written = "<pre";
    private readonly HookedTransformer model = Models.Load("induction-2l");
    private readonly List<IDisposable> owned = [];

    /// <summary>Name, value, and what its HTML must hold.</summary>
    public IEnumerable<(string Name, object Value, string Holds)> All() => [.. Inputs(), .. Runs(), .. Causes(), .. Readings(), .. Dictionaries(), .. Small()];

    public void Dispose()
    {
        foreach (var one in owned)
            one.Dispose();
        model.Dispose();
    }

    private IEnumerable<(string, object, string)> Inputs()
    {
        var prompts = InductionOrganism.Task.Prompts(2, seed: 1);
        yield return ("model", model, Written);
        yield return ("configuration", model.Config, Written);
        yield return ("tokens", model.Tokenizer!.Encode(Prompt), "title=\"1: id");
        yield return ("prompt with roles", Interp.Prompt.Parse("{cue:owl} fox").Tokenize(model.Tokenizer), "cue");
        yield return ("prompts", prompts, Written);
        yield return ("input", prompts.Clean, Written);
        yield return ("plan", model.On(Prompt).Zero(Z[1].Head(2)).Capture(Pattern), Written);
        yield return ("weights", model.Weights, Written);
        yield return ("block", model.Blocks[0], Written);
        yield return ("verification", model.Verify(), Written);
    }

    private IEnumerable<(string, object, string)> Runs()
    {
        var run = Owned(model.On(Prompt).CaptureAll().Run());
        var gradients = Owned(model.On(Prompt).Gradients(Metric.LogitDifference(1, 2), ResidPost));
        yield return ("run", run, Tabled);
        yield return ("cache", run.Cache, Tabled);
        yield return ("gradients", gradients, Written);
        yield return ("tensor", run[ResidPost[0]], Written);
        yield return ("generation", Owned(model.On(Prompt).Generate(new GenerationOptions { Tokens = 3, Samples = 2, Sampling = new Sampling() })), Tabled);
        yield return ("lens", Owned(run.LogitLens()), Drawn);
        yield return ("lens table", run.LogitLens().Top(2), Drawn);
        yield return ("logit attribution", run.AttributeLogit(1, 2, LogitParts.Heads, Position.Last), Drawn);
        yield return ("attention", run.Attention(1), Drawn);
        yield return ("head scores", run.Cache.PreviousTokenScores(), Tabled);
        yield return ("residual stack", Owned(run.Cache.DecomposeResidual()), Written);
    }

    private IEnumerable<(string, object, string)> Causes()
    {
        var study = model.Contrast(InductionOrganism.Task.Prompts(4, seed: 1));
        var (patched, estimated) = (study.Patch(Z.ByHead()), study.Attribute(Z.ByHead()));
        var edges = study.Edges(Method.Eap);
        var circuit = edges.Greedy(20).Pruned();
        yield return ("contrast", study, Written);
        yield return ("patching", patched, Drawn);
        yield return ("patching by head and position", study.Patch(Z.ByHead().ByPosition()), Drawn);
        yield return ("attribution", estimated, Drawn);
        yield return ("dropped gradients", study.AttributeWithGradDrop(Z.ByHead()), Drawn);
        yield return ("effects", patched.Effect, Tabled);
        yield return ("heat map", patched.Heatmap(), Drawn);
        yield return ("comparison", patched.Effect.Compare(estimated.Effect.With(patched.Effect.Quantity)), Tabled);
        yield return ("null", study.NullOfUnits(Z.ByHead(), size: 1, draws: 5), Written);
        yield return ("edges", edges, Tabled);
        yield return ("nodes", study.Nodes(Method.Eap), Tabled);
        yield return ("circuit", circuit, Drawn);
        yield return ("ACDC", new AcdcResult(circuit, [], 0.1), Drawn);
        yield return ("overlap", circuit.OverlapTest(circuit, permutations: 20), Written);
        yield return ("faithfulness", edges.Curve(shares: [0.1, 1]), Drawn);
        yield return ("subspace", Subspace.Random(8, 2), Written);
    }

    private IEnumerable<(string, object, string)> Readings()
    {
        var random = new Random(0);
        int[][] rows = [.. Enumerable.Range(0, 60).Select(_ => Enumerable.Range(0, 6).Select(_ => random.Next(1, model.Config.DVocab)).ToArray())];
        bool[] late = [.. rows.Select(row => row[^1] > model.Config.DVocab / 2)];
        var probes = model.On(rows).Probe(ResidPost.At(Position.Last), late).Logistic(1);
        var direction = model.UnembeddingDirection(1, 2);
        yield return ("probe plan", model.On(rows).Probe(ResidPost.At(Position.Last), late), Written);
        yield return ("probes", probes, Drawn);
        yield return ("probe", probes.Best, Written);
        yield return ("probe measures", probes.Best.Evaluation, Written);
        yield return ("direction", direction, Written);
        yield return ("dose response", model.On(rows[..4]).DoseResponse(direction, Metric.LogitDifference(1, 2), [0, 1], new DoseResponseOptions { At = ResidPost[1], Controls = 2 }), Drawn);
        yield return ("side effect", model.On(rows[..4]).SideEffect(plan => plan.Add(ResidPost[1], direction)), Written);
        yield return ("words of a head", model.SingularTokens(1, 0, vectors: 2, count: 3).Read, Written);
        yield return ("factored matrix", Owned(model.OV(0)), Written);
        yield return ("minimal pairs", model.MinimalPairs([new MinimalPair("owl fox owl fox", "owl fox owl sun")]), Written);
    }

    private IEnumerable<(string, object, string)> Dictionaries()
    {
        var config = new DictionaryConfig { DIn = model.Config.DModel, Width = 32, Activation = LatentActivation.TopK(4), Input = new HookName(ResidPost, 0) };
        var dictionary = Owned(SparseDictionary.Initialise(config, seed: 0));
        var ofHeads = Owned(SparseDictionary.Initialise(config with { Input = new HookName(Z, 0) }, seed: 0));
        var study = model.Contrast(InductionOrganism.Task.Prompts(2, seed: 1));
        RunInput[] held = [InductionOrganism.Task.Sequences(4, seed: 3).Input];
        var boards = model.FeatureDashboards(dictionary, held, new DashboardOptions { Top = 2, Features = [0, 1] });
        var run = Owned(model.On(Prompt).Capture(Pattern, V).Run());
        yield return ("dictionary configuration", config, Written);
        yield return ("dictionary", dictionary, Written);
        yield return ("evaluation", model.Evaluate(dictionary, held), Drawn);
        yield return ("comparison of dictionaries", model.Evaluate([("one", dictionary)], held), Tabled);
        yield return ("dashboards", boards, Drawn);
        yield return ("dashboard", boards[0], Drawn);
        yield return ("feature attribution", study.AttributeFeatures(dictionary), Drawn);
        yield return ("feature sources", run.FeatureSources(ofHeads, [0, 1], ^1), Drawn);
    }

    private static IEnumerable<(string, object, string)> Small() =>
    [
        ("metric", Metric.LogitDifference(1, 2), Written),
        ("hook point", new HookName(ResidPost, 1), Written),
        ("unit", Z[1].Head(2), Written),
        ("grid", Z.ByHead(), Written),
        ("interval", new Interval(0.25, 0.75, 0.95), Written),
        ("world", World.Pronoun, Written),
        ("figure", Figure.Page("Two", new LabelledArray([new Axis("pos", ["</script>", "b"])], [1.5, 2], "<effect>").Heatmap()), Drawn),
        ("labelled array", new LabelledArray([new Axis("pos", ["</script>", "b"])], [1.5, 2], "<effect>"), Tabled),
    ];

    private T Owned<T>(T value)
        where T : IDisposable
    {
        owned.Add(value);
        return value;
    }
}
