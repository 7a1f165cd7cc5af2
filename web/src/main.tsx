import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { applyTheme, readTheme } from './ui/context';
import './style/tokens.css';
import './style/base.css';
import './style/parts.css';
import './style/stories.css';
import './style/charts.css';
import './style/forms.css';

applyTheme(readTheme());
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
