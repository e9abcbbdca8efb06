using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Indexing: numbers, ranges, masks and index tensors, in PyTorch's order of meaning.
    public partial class Tensor
    {
        private static readonly Op s_slice = new("aten::slice", "Tensor");
        private static readonly Op s_select = new("aten::select", "int");
        private static readonly Op s_index = new("aten::index", "Tensor");
        private static readonly Op s_indexPut = new("aten::index_put_");

        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => s_select.Call(this, 0, i1);
            set => Assign([i1], value);
        }

        public Tensor this[long i1, long i2]
        {
            get => SelectAll([i1, i2]);
            set => Assign([i1, i2], value);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => SelectAll([i1, i2, i3]);
            set => Assign([i1, i2, i3], value);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => SelectAll([i1, i2, i3, i4]);
            set => Assign([i1, i2, i3, i4], value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => SelectAll([i1, i2, i3, i4, i5]);
            set => Assign([i1, i2, i3, i4, i5], value);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => SelectAll([i1, i2, i3, i4, i5, i6]);
            set => Assign([i1, i2, i3, i4, i5, i6], value);
        }

        public Tensor this[params long[] indices]
        {
            get => SelectAll(indices);
            set => Assign(indices, value);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, picks) = View(indices);
            if (picks is null) return view;
            try
            {
                return s_index.Call(view, Arg.OptionalTensors(picks));
            }
            finally
            {
                if (!ReferenceEquals(view, this)) view.Dispose();
            }
        }

        public Tensor index(params Tensor[] indices) => s_index.Call(this, Arg.OptionalTensors(indices));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            var (view, picks) = View(indices);
            try
            {
                if (picks is not null) s_indexPut.InPlace(view, view, Arg.OptionalTensors(picks), value, accumulate);
                else if (accumulate) view.add_(value);
                else view.copy_(value);
            }
            finally
            {
                if (!ReferenceEquals(view, this)) view.Dispose();
            }
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            s_indexPut.InPlace(this, this, Arg.OptionalTensors(indices), value, accumulate);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var filled = ValueOf(value);
            return index_put_(filled, indices, false);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using var filled = ValueOf(value);
            return index_put_(filled, indices, false);
        }

        private Tensor ValueOf(Scalar value) => torch.full([], value, dtype, device);

        private Tensor SelectAll(ReadOnlySpan<long> indices)
        {
            if (indices.Length > Dimensions) throw TooMany(indices.Length);
            var view = this;
            foreach (var i in indices)
            {
                var next = s_select.Call(view, 0, i);
                if (!ReferenceEquals(view, this)) view.Dispose();
                view = next;
            }
            return indices.Length == 0 ? alias() : view;
        }

        private void Assign(ReadOnlySpan<long> indices, Tensor value)
        {
            using var view = SelectAll(indices);
            view.copy_(value);
        }

        private ArgumentException TooMany(int given) => new($"{given} indices for a tensor of {Dimensions} dimensions.");

        /// <summary>
        /// Applies what makes views, and collects the index tensors, one for each dimension of the view up to the last indexed; null without any.
        /// </summary>
        private (Tensor View, Tensor?[]? Picks) View(TensorIndex[] indices)
        {
            var walk = new IndexWalk(this, indices);
            try
            {
                foreach (var i in indices) walk.Apply(i);
            }
            catch
            {
                walk.Abandon();
                throw;
            }
            return walk.Finish();
        }

        private sealed class IndexWalk
        {
            private readonly Tensor _self;
            private readonly int _rest;
            private readonly List<Tensor?> _picks = [];
            private Tensor _view;
            private int _dim;
            private int _covered;
            private bool _picked;

            internal IndexWalk(Tensor self, TensorIndex[] indices)
            {
                _self = _view = self;
                var taken = 0L;
                foreach (var i in indices)
                {
                    if (i.What is TensorIndex.Kind.Single or TensorIndex.Kind.Slice) taken++;
                    else if (i.What == TensorIndex.Kind.Tensor) taken += i.Values!.dtype is ScalarType.Bool or ScalarType.Byte ? i.Values.Dimensions : 1;
                }
                if (indices.Count(i => i.What == TensorIndex.Kind.Ellipsis) > 1) throw new ArgumentException("An index may hold one ellipsis.");
                if (taken > self.Dimensions) throw self.TooMany((int)taken);
                _rest = (int)(self.Dimensions - taken);
            }

            internal void Apply(TensorIndex i)
            {
                switch (i.What)
                {
                    case TensorIndex.Kind.Single:
                        Become(s_select.Call(_view, _dim, i.Start ?? 0));
                        break;
                    case TensorIndex.Kind.Slice:
                        Slice(i);
                        break;
                    case TensorIndex.Kind.None:
                        Become(_view.unsqueeze(_dim++));
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        _dim += _rest;
                        break;
                    case TensorIndex.Kind.Bool:
                        Become(_view.unsqueeze(_dim));
                        List(torch.full([1], i.Start != 0, ScalarType.Bool, _view.device), 1);
                        break;
                    default:
                        Pick(i.Values!);
                        break;
                }
            }

            internal (Tensor View, Tensor?[]? Picks) Finish() =>
                !_picked && ReferenceEquals(_view, _self) ? (_self.alias(), null) : (_view, _picked ? _picks.ToArray() : null);

            internal void Abandon()
            {
                if (!ReferenceEquals(_view, _self)) _view.Dispose();
            }

            private void Slice(TensorIndex i)
            {
                if (i.Step is <= 0) throw new ArgumentException($"A step of {i.Step} in an index: it must be positive.");
                if (i.Start is not null || i.Stop is not null || i.Step is not null and not 1)
                {
                    Become(s_slice.Call(_view, _dim, i.Start, i.Stop, i.Step ?? 1));
                }
                _dim++;
            }

            private void Pick(Tensor values)
            {
                var mask = values.dtype is ScalarType.Bool or ScalarType.Byte;
                if (mask && values.Dimensions == 0)
                {
                    Become(_view.unsqueeze(_dim));
                    List(values.reshape(1), 1);
                    return;
                }
                List(values, mask ? (int)values.Dimensions : 1);
            }

            // A mask over several dimensions stands once in libtorch's list: dimensions and places in the list are counted apart.
            private void List(Tensor values, int spans)
            {
                for (; _covered < _dim; _covered++) _picks.Add(null);
                _picks.Add(values);
                _dim += spans;
                _covered = _dim;
                _picked = true;
            }

            private void Become(Tensor next)
            {
                if (!ReferenceEquals(_view, _self)) _view.Dispose();
                _view = next;
            }
        }
    }
}
