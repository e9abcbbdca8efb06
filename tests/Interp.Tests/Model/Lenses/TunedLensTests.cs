namespace Interp.Tests.Model.Lenses;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Tuned lenses on tiny random models.</summary>
[Trait("Tier", "model")]
public sealed class TunedLensTests
{
    public static TheoryData<string> Configs => ["gpt2", "llama", "capped"];

    [Theory]
    [MemberData(nameof(Configs))]
    public void TunedLens_Zero_IsTheLogitLens(string name)
    {
        using var model = TinyModel.Random(Config(name));
        using var run = model.On(TinyModel.Tokens(model.Config, 2, 6, 0)).Capture(ResidPre, ResidPost).Run();
        using var lens = Interp.TunedLens.Zero(model);
        using var tuned = run.TunedLens(lens);
        using var logit = run.LogitLens();
        tuned.Labels.ShouldBe(logit.Labels);
        tuned.Logits.Equals(logit.Logits).ShouldBeTrue();
        tuned.Method.ShouldBe("tuned lens");
        tuned.Top().ToString().ShouldStartWith("Tuned lens");
        using var thin = model.On(run.Input).Capture(ResidPost).Run();
        using var last = thin.TunedLens(lens, Position.Last);
        last.Labels.ShouldBe(["0_post", "1_post", "final_post"]);
    }

    [Fact]
    public void TunedLens_WithWeights_TranslatesTheStreamBeforeEachBlock()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On([1, 2, 3]).Capture(ResidPre, ResidPost).Run();
        using var lens = Interp.TunedLens.Zero(model);
        lens.Weights[1].copy_(randn(16, 16, dtype: ScalarType.Float64));
        lens.Biases[1].fill_(0.3);
        using var read = run.TunedLens(lens);
        var x = run.Cache[ResidPre[1]];
        var translated = x + x.matmul(lens.Weights[1].t()) + 0.3;
        var wanted = ((Norm)model.FinalNorm).Apply(translated).matmul(model.WU) + model.BU;
        (read.Logits[1] - wanted).abs().max().ToDouble().ShouldBeLessThan(1e-10);
        (read.Logits[^1] - run.Logits).abs().max().ToDouble().ShouldBeLessThan(1e-10);
        Should.Throw<ArgumentOutOfRangeException>(() => lens.Translate(x, 3)).Message.ShouldContain("has 3 (0-2)");
    }

    [Theory]
    [InlineData(TunedLensOptimizer.Nesterov)]
    [InlineData(TunedLensOptimizer.Adam)]
    public void TrainTunedLens_OneStep_IsTheFormula(TunedLensOptimizer kind)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var input = RunInput.Of([[1, 2, 3], [4, 5, 6, 7, 8]]);
        var options = new TunedLensOptions { Steps = 1, Optimizer = kind, ClipNorm = 0, WarmUp = 0 };
        using var lens = model.TrainTunedLens(_ => input, options);
        var bias = zeros(16, dtype: ScalarType.Float64, requires_grad: true);
        using var run = model.On(input).Capture(ResidPre[2]).Run();
        var x = run.Cache[ResidPre[2]] + bias;
        var read = (nn.functional.layer_norm(x, [16], model.Weights.FinalNorm!.Gain, model.Weights.FinalNorm.Bias, 1e-5).matmul(model.WU) + model.BU).log_softmax(-1);
        var target = run.Logits.log_softmax(-1);
        var mask = input.MaskTensor(CPU)!.to(ScalarType.Float64);
        var gradient = autograd.grad([((target.exp() * (target - read)).sum(-1) * mask).sum() / 8], [bias])[0];
        // Nesterov's first step is (1 + momentum) rate times the gradient, Adam's is the sign.
        var wanted = kind == TunedLensOptimizer.Nesterov ? gradient * -0.19 : gradient.sign() * -1e-3;
        (lens.Biases[2] - wanted).abs().max().ToDouble().ShouldBeLessThan(kind == TunedLensOptimizer.Nesterov ? 1e-10 : 1e-6);
    }

    [Fact]
    public void TrainTunedLens_SomeSteps_LowersTheKlAtEveryLayer()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        List<double> losses = [];
        using var lens = model.TrainTunedLens(
            i => TinyModel.Tokens(model.Config, 8, 12, i), new TunedLensOptions { Steps = 40, BatchesPerStep = 2 }, new Reports(s => losses.Add(s.Loss)));
        losses[^1].ShouldBeLessThan(losses[0]);
        var evaluation = lens.Evaluate(model, [TinyModel.Tokens(model.Config, 16, 12, 1000), RunInput.Of([[1, 2], [3, 4, 5]])]);
        evaluation.Tokens.ShouldBe(16 * 12 + 5);
        for (var layer = 0; layer < 3; layer++)
            evaluation.Kl[1, layer].ShouldBeLessThan(evaluation.Kl[0, layer]);
        evaluation.Kl[1, 3].ShouldBe(0, 1e-10);
        evaluation.Bias[1, 3].ShouldBe(0, 1e-10);
        evaluation.Bias.Values.ToArray().ShouldAllBe(v => v > -1e-10);
        evaluation.CrossEntropy[0, 3].ShouldBe(evaluation.CrossEntropy[1, 3]);
        evaluation.ToString().ShouldContain("197 tokens");
    }

    [Fact]
    public void Evaluate_OneBatch_IsTheMeanOfTheLens()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var input = TinyModel.Tokens(model.Config, 2, 6, 3);
        using var lens = Interp.TunedLens.Zero(model);
        var evaluation = lens.Evaluate(model, [input]);
        using var run = model.On(input).Capture(ResidPre, ResidPost).Run();
        using var logit = run.LogitLens();
        evaluation.Kl["lens", 0].Values.ToArray().Zip(logit.KlFrom().Mean("pos").Mean("prompt").Values.ToArray()).ShouldAllBe(p => Math.Abs(p.First - p.Second) < 1e-10);
        evaluation.CrossEntropy[1, 3].ShouldBe(run.Loss, 1e-10);
        Should.Throw<InvalidOperationException>(() => lens.Evaluate(model, [])).Message.ShouldContain("no texts");
    }

    [Fact]
    public void Save_AsPickle_IsReadBackAndReplacesTheOtherFile()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        using var folder = new TemporaryFolder();
        using var lens = model.TrainTunedLens(i => TinyModel.Tokens(model.Config, 2, 4, i), new TunedLensOptions { Steps = 2 });
        lens.Save(folder.Path);
        lens.Save(folder.Path, pickle: true);
        File.Exists(folder.File("params.safetensors")).ShouldBeFalse();
        using var again = Interp.TunedLens.Load(folder.Path, model);
        for (var layer = 0; layer < 3; layer++)
        {
            again.Weights[layer].Equals(lens.Weights[layer]).ShouldBeTrue();
            again.Biases[layer].Equals(lens.Biases[layer]).ShouldBeTrue();
        }
        using var file = PickledTensors.Open(folder.File("params.pt"));
        file.Names.ShouldBe(["0.weight", "1.weight", "2.weight", "0.bias", "1.bias", "2.bias"]);
        file.Entry("1.weight").Type.ShouldBe(ScalarType.Float32);
        lens.Save(folder.Path);
        File.Exists(folder.File("params.pt")).ShouldBeFalse();
    }

    [Fact]
    public void Save_ThenLoad_GivesTheLensBack()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var folder = new TemporaryFolder();
        using var lens = model.TrainTunedLens(i => TinyModel.Tokens(model.Config, 2, 4, i), new TunedLensOptions { Steps = 2 });
        lens.Save(folder.Path);
        using var again = Interp.TunedLens.Load(folder.Path, model);
        again.Config.ShouldBe(lens.Config);
        for (var layer = 0; layer < 3; layer++)
        {
            again.Weights[layer].Equals(lens.Weights[layer]).ShouldBeTrue();
            again.Biases[layer].Equals(lens.Biases[layer]).ShouldBeTrue();
        }
        File.ReadAllText(folder.File("config.json")).ShouldContain("\"base_model_name_or_path\": \"tiny-gpt2\"");
        using var parameters = SafetensorsFile.Open(folder.File("params.safetensors"));
        parameters.Names.Order().ShouldBe(["0.bias", "0.weight", "1.bias", "1.weight", "2.bias", "2.weight"]);
    }

    [Fact]
    public void Load_PublishedConfig_ReadsItsFields()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var folder = new TemporaryFolder();
        using var lens = Interp.TunedLens.Zero(model);
        lens.Save(folder.Path);
        folder.Write("config.json", """
            {"base_model_name_or_path": "gpt2", "d_model": 16, "num_hidden_layers": 3, "bias": true, "base_model_revision": "main",
             "unembed_hash": "0a1b", "lens_type": "linear_tuned_lens", "another": 1}
            """);
        using var read = Interp.TunedLens.Load(folder.Path, model);
        read.Config.ShouldBe(new TunedLensConfig { BaseModel = "gpt2", DModel = 16, Layers = 3, BaseRevision = "main", UnembedHash = "0a1b" });
    }

    [Fact]
    public void Load_PublishedParameters_ReadsThePickle()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var folder = new TemporaryFolder();
        folder.Write("config.json", """{"base_model_name_or_path": "gpt2", "d_model": 16, "num_hidden_layers": 3}""");
        var pickle = new PickleWriter().Global("collections", "OrderedDict").Op(')', 'R', '(');
        List<(string, byte[])> storages = [];
        for (var layer = 0; layer < 3; layer++)
        {
            pickle.Text($"{layer}.weight").Whole("FloatStorage", $"{2 * layer}", 16, 16).Text($"{layer}.bias").Whole("FloatStorage", $"{2 * layer + 1}", 16);
            storages.Add(($"{2 * layer}", Floats(256, layer)));
            storages.Add(($"{2 * layer + 1}", Floats(16, layer + 10)));
        }
        folder.Write("params.pt", PickleWriter.Zip(pickle.Op('u').Done(), storages));
        using var lens = Interp.TunedLens.Load(folder.Path, model);
        lens.Weights[2][3, 5].ToDouble().ShouldBe(3 * 16 + 5 + 2);
        lens.Biases[1][7].ToDouble().ShouldBe(7 + 11);

        static byte[] Floats(int count, int first) => [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes((float)(i + first)))];
    }

    [Fact]
    public void Load_OfAnotherWidthInside_SaysSo()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var folder = new TemporaryFolder();
        folder.Write("config.json", """{"base_model_name_or_path": "gpt2", "d_model": 16, "num_hidden_layers": 3}""");
        Safetensors.Write(folder.File("params.safetensors"), [("0.weight", zeros(16, 15))]);
        Should.Throw<InvalidDataException>(() => Interp.TunedLens.Load(folder.Path, model)).Message.ShouldContain("[16, 15]");
        Safetensors.Write(folder.File("params.safetensors"), [("0.weight", zeros(16, 16))]);
        Should.Throw<InvalidDataException>(() => Interp.TunedLens.Load(folder.Path, model)).Message.ShouldContain("1.weight");
    }

    [Theory]
    [InlineData("{", "no description")]
    [InlineData("""{"base_model_name_or_path": "x", "d_model": 16}""", "no description")]
    [InlineData("""{"base_model_name_or_path": "x", "d_model": 16, "num_hidden_layers": 0}""", "0 layers")]
    [InlineData("""{"base_model_name_or_path": "x", "d_model": 16, "num_hidden_layers": 3, "lens_type": "jacobian"}""", "'jacobian'")]
    public void Load_DamagedConfig_SaysSo(string config, string wanted)
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var folder = new TemporaryFolder();
        using var lens = Interp.TunedLens.Zero(model);
        lens.Save(folder.Path);
        folder.Write("config.json", config);
        Should.Throw<InvalidDataException>(() => Interp.TunedLens.Load(folder.Path, model)).Message.ShouldContain(wanted);
    }

    [Fact]
    public void TunedLens_OfAnotherShape_SaysSo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var other = TinyModel.Random(TinyModel.Gpt2 with { Layers = 2 });
        using var folder = new TemporaryFolder();
        using var lens = Interp.TunedLens.Zero(model);
        lens.Save(folder.Path);
        using var run = other.On([1, 2]).Capture(ResidPre).Run();
        Should.Throw<ArgumentException>(() => run.TunedLens(lens)).Message.ShouldContain("has 2 layers");
        Should.Throw<ArgumentException>(() => Interp.TunedLens.Load(folder.Path, other)).Message.ShouldContain("has 2 layers");
        using var nothing = model.On([1, 2]).Capture(ResidMid).Run();
        Should.Throw<InvalidOperationException>(() => nothing.TunedLens(lens)).Message.ShouldContain("Capture(ResidPre");
        File.Delete(folder.File("params.safetensors"));
        Should.Throw<FileNotFoundException>(() => Interp.TunedLens.Load(folder.Path, model));
    }

    [Fact]
    public void TrainTunedLens_BadOptionsOrType_SaySo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.BFloat16);
        Should.Throw<ArgumentException>(() => model.TrainTunedLens(_ => RunInput.Of([[1]]))).Message.ShouldContain("float32");
        var wrong = new TunedLensOptions { Steps = 0, Momentum = 1, RateScale = -1, WarmUp = 5 };
        var message = Should.Throw<ArgumentException>(() => wrong.Validated()).Message;
        foreach (var name in new[] { "Steps", "Momentum", "RateScale", "WarmUp" })
            message.ShouldContain(name);
    }

    [Fact]
    public void TunedLens_TrainedCancelledAndRead_LeavesNoTensor() => LiveTensors.ShouldStayEqual(() =>
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var stop = new CancellationTokenSource();
        RunInput Batch(int i)
        {
            if (i == 3)
                stop.Cancel();
            return TinyModel.Tokens(model.Config, 2, 4, i);
        }
        Should.Throw<OperationCanceledException>(() => model.TrainTunedLens(Batch, cancellation: stop.Token));
        using var lens = model.TrainTunedLens(i => TinyModel.Tokens(model.Config, 2, 4, i), new TunedLensOptions { Steps = 2, Optimizer = TunedLensOptimizer.Adam });
        using var run = model.On([1, 2]).Capture(ResidPre).Run();
        using var read = run.TunedLens(lens);
        lens.Evaluate(model, [RunInput.Of([[1, 2, 3]])]);
    });

    private static TransformerConfig Config(string name) => name switch
    {
        "gpt2" => TinyModel.Gpt2,
        "llama" => TinyModel.Llama,
        _ => TinyModel.Llama with { LogitSoftCap = 2 },
    };

    private sealed class Reports(Action<TrainingStep> report) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => report(value);
    }
}
